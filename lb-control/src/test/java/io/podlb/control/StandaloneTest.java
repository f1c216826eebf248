package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verb {@code run} in this process, ended by an interrupt as by a signal. */
class StandaloneTest {

    /** Not the default, so that builds beside each other on one machine keep apart. */
    private static final String RANGE = "10." + (100 + ProcessHandle.current().pid() % 100) + ".0.0/16";

    private static final String MANIFEST = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              replicas: 3
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: main, image: nginx, ports: [{containerPort: 8080}]}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec: {selector: {app: web}, ports: [{port: 8080}]}
            """;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final FutureTask<Integer> command = new FutureTask<>(this::run);
    private final Thread thread = new Thread(command, "run");
    private Path file;

    @TempDir
    private Path folder;

    @AfterEach
    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    @Test
    void servesScalesRefusesAndEndsCleanly() throws Exception {
        start(MANIFEST);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        String web = bound();
        await().untilAsserted(() -> assertThat(answers(web, 30)).hasSize(3));

        write(MANIFEST.replace("replicas: 3", "replicas: 1"));
        await().untilAsserted(() -> assertThat(answers(web, 10)).hasSize(1));

        write(MANIFEST.replace("replicas: 3", "replicas: 0"));
        // Who is in the backlog of a listener that closes is reset, not refused.
        await().ignoreExceptions().untilAsserted(() -> assertThat(refuses(web)).isTrue());
        assertThat(service().at("/ports/0/frontends/0/bound").isNull()).isTrue();
        assertThat(service().at("/ports/0/frontends/0/verdict").asString()).isEqualTo("reject");

        write(MANIFEST);
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(answers(web, 30)).hasSize(3));

        thread.interrupt();
        assertThat(command.get()).isZero();
        assertThat(refuses(web)).isTrue();
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aBrokenEditKeepsWhatWasServed() throws Exception {
        start(MANIFEST);
        String web = bound();
        write("kind: [");
        await().untilAsserted(() -> assertThat(problems()).contains("web.yaml"));
        assertThat(answers(web, 30)).hasSize(3);
        write(MANIFEST);
        await().untilAsserted(() -> assertThat(problems()).doesNotContain("web.yaml"));
    }

    @Test
    void oneWrongServiceDisturbsNoOther() throws Exception {
        start(MANIFEST + """
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: wrong}
                spec: {selector: {app: web}, ports: [{port: 99999}]}
                """);
        await().untilAsserted(() -> assertThat(answers(bound(), 30)).hasSize(3));
        assertThat(out.toString()).contains("default/wrong  none", "not served, see the log");
    }

    @Test
    void readsConnectionsAndMetrics() throws Exception {
        start(MANIFEST);
        answers(bound(), 3);
        await().untilAsserted(() -> assertThat(get("/api/v1/connections").body())
                .contains("\"pickReason\" : \"random: one of 3\"", "\"endReason\" : \"backend-closed\""));
        assertThat(get("/metrics").body())
                .contains("podlb_picks_total{family=\"IPv4\",namespace=\"default\"")
                .contains("podlb_build_info{");
    }

    @Test
    void anAdminPortInUseIsOneLineAndStatus1() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            file = Files.writeString(folder.resolve("web.yaml"), MANIFEST);
            int status = execute("--admin", "127.0.0.1:" + taken.getLocalPort());
            assertThat(status).isEqualTo(1);
            assertThat(err.toString())
                    .startsWith("lb run: --admin: cannot listen on 127.0.0.1:" + taken.getLocalPort())
                    .hasLineCount(1);
            assertThat(out.toString()).isEmpty();
        }
    }

    private void start(String manifest) throws IOException {
        file = Files.writeString(folder.resolve("web.yaml"), manifest);
        thread.start();
        await().until(() -> command.isDone() || out.toString().contains("Ctrl-C"));
        assertThat(command.isDone()).as(err.toString()).isFalse();
    }

    private int run() {
        return execute("--admin", "127.0.0.1:0");
    }

    private int execute(String... more) {
        String[] words = {"run", "-f", file.toString(), "--simulate-pods", "--service-cidr", RANGE, more[0], more[1]};
        return CommandLines.create(Map.of(), new PrintWriter(out), new PrintWriter(err))
                .execute(words);
    }

    private void write(String manifest) throws IOException {
        Files.writeString(file, manifest);
    }

    private String admin() {
        Matcher line = Pattern.compile("Admin endpoint: (http://[^;]+);").matcher(out.toString());
        assertThat(line.find()).isTrue();
        return line.group(1);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(admin() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private JsonNode services() throws IOException, InterruptedException {
        return new JsonMapper().readTree(get("/api/v1/services").body());
    }

    private JsonNode service() throws IOException, InterruptedException {
        return services().at("/services/0");
    }

    private String problems() throws IOException, InterruptedException {
        return services().get("problems").toString();
    }

    private String bound() throws IOException, InterruptedException {
        return service().at("/ports/0/frontends/0/bound").asString();
    }

    /** Who answers, each time on a connection of its own, which the Pod ends. */
    private static Set<String> answers(String address, int times) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < times; i++) {
            int colon = address.lastIndexOf(':');
            try (Socket socket =
                    new Socket(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)))) {
                socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                answers.add(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            }
        }
        return answers;
    }

    private static boolean refuses(String address) throws IOException {
        try {
            answers(address, 1);
            return false;
        } catch (ConnectException e) {
            return true;
        }
    }
}
