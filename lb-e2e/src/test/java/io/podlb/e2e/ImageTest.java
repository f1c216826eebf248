package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The image that {@code docker/Dockerfile} builds, made and used without an engine. */
class ImageTest {

    @TempDir
    static Path folder;

    private static ImageBuild image;

    @BeforeAll
    static void build() throws IOException {
        image = ImageBuild.follow(Path.of("../docker/Dockerfile"), Path.of(".."), folder);
        // In the container, / is the root of the image.
        Path launcher = image.root().resolve("usr/local/bin/lb");
        assertThat(launcher).isExecutable().content().contains("PODLB_HOME:-/opt/podlb}");
        Files.writeString(
                launcher, Files.readString(launcher).replace(":-/opt/podlb}", ":-" + image.root() + "/opt/podlb}"));
    }

    @Test
    void theEntryPointShowsTheHelpUnlessItIsGivenWords() {
        Shell help = run(List.of(), words("ENTRYPOINT"), words("CMD"));
        assertThat(help.exit()).as(help.err()).isZero();
        assertThat(help.out()).contains("Usage: lb", "run", "demo", "explain", "validate");
        Shell misspelt = run(List.of(), words("ENTRYPOINT"), List.of("rum"));
        assertThat(misspelt.exit()).as("the status of podlb is the container's").isEqualTo(2);
        assertThat(misspelt.err()).contains("did you mean \"run\"?");
    }

    @Test
    void theJvmTakesWordsOfTheUser() {
        Shell version =
                run(List.of("JAVA_OPTS=-Xlog:gc+init -XX:MaxRAMPercentage=1"), words("ENTRYPOINT"), List.of("version"));
        assertThat(version.out()).contains("Heap Max Capacity: ", "podlb ");
        Shell unset = run(List.of("JAVA_OPTS=-Xlog:gc+init"), words("ENTRYPOINT"), List.of("version"));
        assertThat(heap(unset)).isNotEqualTo(heap(version));
    }

    @Test
    void theClassesOfPodlbComeFromTheArchiveOfTheImage() {
        Shell version = run(List.of("JAVA_OPTS=-Xlog:class+load"), words("ENTRYPOINT"), List.of("version"));
        assertThat(version.out().lines())
                .filteredOn(line -> line.contains(" io.podlb.control.Main "))
                .singleElement()
                .asString()
                .contains("shared objects file");
        assertThat(image.root().resolve("opt/podlb/archive")).doesNotExist();
    }

    private static String heap(Shell result) {
        return result.out()
                .lines()
                .filter(line -> line.contains("Heap Max"))
                .findFirst()
                .orElseThrow()
                .replaceFirst(".*: ", "");
    }

    @Test
    void theImageHasTheCommandThatSetsTheRouteAndRunsAsNobody() {
        assertThat(image.packageSteps()).singleElement().asString().contains(" --no-install-recommends iproute2 ");
        assertThat(image.setting("USER")).isEqualTo("65532:65532");
        assertThat(image.root().resolve("opt/podlb/lb.jar")).isRegularFile();
        assertThat(Shell.must(
                                "stat",
                                "-c",
                                "%a",
                                image.root().resolve("opt/podlb/lb.jar").toString())
                        .strip())
                .as("readable for any user")
                .isEqualTo("644");
    }

    @Test
    void theHealthCheckIsThatOfTheRunningProcessAndTheStopSignalDrains() throws Exception {
        String admin = "PODLB_ADMIN=127.0.0.1:" + FreePorts.next();
        assertThat(health(admin).exit()).as("nothing listens yet").isEqualTo(1);
        Path log = folder.resolve("demo.log");
        Process podlb = new ProcessBuilder(command(List.of(admin), words("ENTRYPOINT"), List.of("demo")))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(30))
                    .failFast("it ended: " + log, () -> !podlb.isAlive())
                    .until(() -> health(admin).exit() == 0);
            Shell.must("kill", "-s", image.setting("STOPSIGNAL"), String.valueOf(podlb.pid()));
            assertThat(podlb.waitFor(30, TimeUnit.SECONDS)).as("it ends").isTrue();
            assertThat(podlb.exitValue()).as(Files.readString(log)).isZero();
            assertThat(health(admin).exit()).isEqualTo(1);
        } finally {
            podlb.destroyForcibly();
        }
    }

    @Test
    void theHealthCheckAsksLivezAndHeedsTheAnswer() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> asked = new ArrayList<>();
        server.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI() + " of "
                    + exchange.getRequestHeaders().getFirst("Host"));
            exchange.sendResponseHeaders(503, -1);
            exchange.close();
        });
        server.start();
        try {
            assertThat(health("PODLB_ADMIN=127.0.0.1:" + server.getAddress().getPort())
                            .exit())
                    .isEqualTo(1);
        } finally {
            server.stop(0);
        }
        assertThat(asked).containsExactly("/livez of localhost");
    }

    private static Shell health(String variable) {
        String check = image.setting("HEALTHCHECK");
        return run(List.of(variable), parse(check.substring(check.indexOf("CMD ") + 4)), List.of());
    }

    private static List<String> words(String instruction) {
        return parse(image.setting(instruction));
    }

    private static List<String> parse(String json) {
        List<String> words = new ArrayList<>();
        for (JsonNode word : LbProcess.parse(json)) {
            words.add(word.asString());
        }
        return words;
    }

    private static Shell run(List<String> variables, List<String> start, List<String> more) {
        return Shell.run(command(variables, start, more));
    }

    /** The words of the container, on its PATH. */
    private static List<String> command(List<String> variables, List<String> start, List<String> more) {
        String path = image.root().resolve("usr/local/bin")
                + File.pathSeparator
                + image.javaCommands()
                + File.pathSeparator
                + System.getenv("PATH");
        List<String> command = new ArrayList<>(List.of("env", "PATH=" + path));
        command.addAll(variables);
        command.addAll(start);
        command.addAll(more);
        return command;
    }
}
