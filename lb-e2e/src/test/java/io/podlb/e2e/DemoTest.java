package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The main job of README: {@code lb demo}, and every line that it prints to be tried. */
@Timeout(120)
class DemoTest {

    /** The JVM that runs the build, and every later one that is installed. */
    static Stream<String> jvms() throws Exception {
        List<String> jvms = new ArrayList<>(List.of(LbProcess.java()));
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> folders = Files.list(installed)) {
                folders.filter(folder -> folder.getFileName().toString().contains("25"))
                        .map(folder -> folder.resolve("bin/java"))
                        .filter(Files::isExecutable)
                        .findFirst()
                        .ifPresent(java -> jvms.add(java.toString()));
            }
        }
        return jvms.stream();
    }

    @ParameterizedTest
    @MethodSource("jvms")
    void everyPrintedLineWorksAsPrintedAndNamesThePod(String java) {
        try (LbProcess demo = LbProcess.startWith(java, "demo").awaitReady()) {
            await().atMost(Duration.ofSeconds(10)).until(() -> demo.stdout().contains("Ctrl-C"));
            String printed = demo.stdout();
            assertThat(printed).contains("default/my-webapp-clusterip", "default/my-webapp-nodeport", "30080", "127.");

            Matcher pods = Pattern.compile("(?m)^  (my-webapp-\\S+) ").matcher(printed);
            Set<String> names = new HashSet<>();
            while (pods.find()) {
                names.add(pods.group(1));
            }
            names.removeIf(name -> name.startsWith("my-webapp-clusterip") || name.startsWith("my-webapp-nodeport"));
            assertThat(names).hasSize(3);

            Matcher lines = Pattern.compile("(?m)^  (curl \\S+)(?= .*Pod| .*ClusterIP| .*node port)")
                    .matcher(printed);
            int tried = 0;
            while (lines.find()) {
                Set<String> answers = new HashSet<>();
                for (int i = 0; i < 40; i++) {
                    answers.add(Shell.must("bash", "-c", lines.group(1) + " 2>/dev/null")
                            .strip());
                }
                assertThat(answers).as(lines.group(1)).isEqualTo(names);
                tried++;
            }
            assertThat(tried).isEqualTo(3);
            assertThat(demo.stderr())
                    .as("nothing but the log")
                    .doesNotContain("WARNING:")
                    .doesNotContain("WARN ");
            demo.terminate();
            assertThat(demo.awaitExit()).isZero();
        }
    }
}
