package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Headers of the PROXY protocol between podlb and programs that others wrote: nginx as a Pod that reads them, HAProxy in
 * front that writes them.
 */
@Timeout(120)
class ProxyProtocolTest {

    /** Not the address that a connect from this machine has by itself. */
    private static final String CLIENT = "127.0.0.9";

    @TempDir
    Path folder;

    private final int nginx = FreePorts.next();
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void startNginx() throws IOException {
        needs("nginx");
        Path home = Files.createDirectories(folder.resolve("nginx"));
        start(home, "nginx", "-p", home.toString(), "-c", write(home.resolve("nginx.conf"), """
                daemon off;
                master_process off;
                pid %1$s/pid;
                error_log stderr;
                events {}
                http {
                  access_log off;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  server {
                    listen 127.0.0.1:%2$d proxy_protocol;
                    location / {
                      return 200 "$proxy_protocol_addr $proxy_protocol_server_port $request_length";
                    }
                  }
                }
                """.formatted(
                        home, nginx)));
        awaitListener(nginx);
    }

    @AfterEach
    void endProcesses() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    /** Skips the test where this machine lacks the program; in the strict mode of {@code test.sh}, never. */
    private static void needs(String program) {
        assumeThat(Boolean.getBoolean("podlb.test.strict")
                        || Shell.run("bash", "-c", "command -v " + program).exit() == 0)
                .as(program)
                .isTrue();
    }

    private void start(Path home, String... command) throws IOException {
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start());
    }

    private static String write(Path file, String text) throws IOException {
        return Files.writeString(file, text).toString();
    }

    private static void awaitListener(int port) {
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().until(() -> {
            new Socket("127.0.0.1", port).close();
            return true;
        });
    }

    /** HAProxy that writes headers of version 2 to podlb; the port that it listens on. */
    private int startHaproxy(String podlb) throws IOException {
        needs("haproxy");
        int port = FreePorts.next();
        Path home = Files.createDirectories(folder.resolve("haproxy"));
        start(home, "haproxy", "-db", "-f", write(home.resolve("haproxy.cfg"), """
                defaults
                  mode tcp
                  timeout connect 5s
                  timeout client 20s
                  timeout server 20s
                listen front
                  bind 127.0.0.1:%d
                  server podlb %s send-proxy-v2
                """.formatted(port, podlb)));
        awaitListener(port);
        return port;
    }

    private LbProcess run(String annotations, String... more) throws IOException {
        Path manifests = Files.createDirectories(folder.resolve("manifests"));
        write(manifests.resolve("web.yaml"), """
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {%s}}
                spec: {clusterIP: 10.96.71.9, ports: [{port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{port: %d}]
                endpoints: [{addresses: [127.0.0.1]}]
                """.formatted(annotations, nginx));
        List<String> arguments = new ArrayList<>(List.of("run", "-f", manifests.toString(), "--node-name", "n0"));
        arguments.addAll(List.of("--cluster-ip-mode", "port"));
        arguments.addAll(List.of(more));
        return LbProcess.start(arguments.toArray(new String[0])).awaitReady();
    }

    /** What nginx was told, asked by a client at {@link #CLIENT}: client, called port, and bytes of its request. */
    private static String[] told(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(InetAddress.getByName(CLIENT), 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port), 20_000);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200");
            return answer.substring(answer.indexOf("\r\n\r\n") + 4).split(" ", -1);
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static JsonNode onlyConnection(LbProcess lb) {
        return lb.getJson("/api/v1/connections").get("connections").get(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1", "v2"})
    void nginxLearnsTheClientAndWhatItCalled(String version) throws Exception {
        try (LbProcess lb = run("podlb.io/send-proxy: " + version)) {
            int port = port(lb.bound("web", "ClusterIP"));
            String[] told = told(port);
            assertThat(told[0]).isEqualTo(CLIENT);
            assertThat(told[1]).isEqualTo(Integer.toString(port));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> onlyConnection(lb).get("endReason").isString());
            assertThat(onlyConnection(lb).get("bytesToBackend").asString())
                    .as("the header is no part of the stream")
                    .isEqualTo(told[2]);
        }
    }

    @Test
    void withoutAHeaderNginxTakesNothing() throws Exception {
        try (LbProcess lb = run("podlb.io/send-proxy: 'off'", "--send-proxy", "v2")) {
            int port = port(lb.bound("web", "ClusterIP"));
            assertThatThrownBy(() -> told(port)).isInstanceOfAny(IOException.class, AssertionError.class);
        }
    }

    @Test
    void aClientOfHaproxyIsKnownToPodlbAndToNginx() throws Exception {
        try (LbProcess lb = run(
                "podlb.io/accept-proxy: required",
                "--send-proxy",
                "v1",
                "--trusted-proxies",
                "127.0.0.1/32,10.0.0.0/8")) {
            int haproxy = startHaproxy(lb.bound("web", "ClusterIP"));
            String[] told = told(haproxy);
            assertThat(told[0]).isEqualTo(CLIENT);
            assertThat(told[1]).as("the client called HAProxy").isEqualTo(Integer.toString(haproxy));
            assertThat(clients(lb)).contains(CLIENT);
        }
    }

    private static List<String> clients(LbProcess lb) {
        List<String> clients = new ArrayList<>();
        for (JsonNode connection : lb.getJson("/api/v1/connections").get("connections")) {
            String client = connection.get("client").asString();
            clients.add(client.substring(0, client.lastIndexOf(':')));
        }
        return clients;
    }

    @Test
    void whoeverIsNoTrustedProxyIsReset() throws Exception {
        try (LbProcess lb = run("", "--accept-proxy", "required", "--trusted-proxies", "10.0.0.0/8")) {
            int port = port(lb.bound("web", "ClusterIP"));
            assertThatThrownBy(() -> told(port)).isInstanceOf(IOException.class);
            assertThat(onlyConnection(lb).get("endReason").asString()).isEqualTo("proxy-untrusted");
        }
    }

    @Test
    void aTrustedProxyThatSendsNoHeaderIsReset() throws Exception {
        try (LbProcess lb = run("", "--accept-proxy", "required", "--trusted-proxies", "127.0.0.0/8")) {
            int port = port(lb.bound("web", "ClusterIP"));
            assertThatThrownBy(() -> told(port)).isInstanceOf(IOException.class);
            assertThat(onlyConnection(lb).get("endReason").asString()).isEqualTo("proxy-invalid");
        }
    }
}
