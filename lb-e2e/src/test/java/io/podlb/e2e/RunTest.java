package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code lb run} on plain manifests: served, edited, broken, mended, drained. */
@Timeout(120)
class RunTest {

    private static final String CLUSTER_IP = "my-webapp-clusterip";
    private static final String NODE_PORT = "my-webapp-nodeport";

    @TempDir
    Path folder;

    private LbProcess run(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "-f",
                folder.toString(),
                "--simulate-pods",
                "--node-name",
                "n0",
                "--node-port-addresses",
                "127.0.0.0/8"));
        arguments.addAll(List.of(more));
        return LbProcess.start(arguments.toArray(new String[0])).awaitReady();
    }

    private static Set<String> answers(String address, int times) throws IOException {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < times; i++) {
            answers.add(Http.get(address));
        }
        return answers;
    }

    @Test
    void anEditTakesEffectAndTheRestStays() throws Exception {
        Manifests manifests = new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        try (LbProcess lb = run()) {
            String address = lb.bound(CLUSTER_IP, "ClusterIP");
            Set<String> three = answers(address, 60);
            assertThat(three).hasSize(3);

            manifests.write("web.yaml", Manifests.myWebapp().replace("replicas: 3", "replicas: 5"));
            await().atMost(Duration.ofSeconds(5))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(answers(address, 60)).hasSize(5));
            assertThat(answers(address, 100)).as("Pods keep their names").containsAll(three);

            manifests.write("web.yaml", Manifests.myWebapp().replace("replicas: 3", "replicas: 0"));
            await().atMost(Duration.ofSeconds(5))
                    .ignoreExceptions()
                    .untilAsserted(
                            () -> assertThatThrownBy(() -> Http.get(address)).isInstanceOf(ConnectException.class));
            assertThat(lb.frontend(CLUSTER_IP, "ClusterIP").get("verdict").asString())
                    .isEqualTo("reject");
            assertThat(lb.bound(CLUSTER_IP, "ClusterIP")).isEmpty();

            manifests.write("web.yaml", Manifests.myWebapp());
            await().atMost(Duration.ofSeconds(5))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(answers(address, 1)).hasSize(1));
        }
    }

    @Test
    void aBrokenFileKeepsTheLastGoodStateAndSaysWhatIsWrong() throws Exception {
        Manifests manifests = new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        try (LbProcess lb = run()) {
            String address = lb.bound(CLUSTER_IP, "ClusterIP");
            assertThat(answers(address, 1)).hasSize(1);
            manifests.write("web.yaml", Manifests.myWebapp().replace("nodePort: 30080", "nodePort: [30080"));
            await().until(() -> lb.stderr().contains("web.yaml"));
            assertThat(answers(address, 60)).hasSize(3);
            assertThat(lb.stderr()).doesNotContain("\tat ");
            manifests.write("web.yaml", Manifests.myWebapp().replace("30080", "30085"));
            await().atMost(Duration.ofSeconds(5))
                    .ignoreExceptions()
                    .untilAsserted(
                            () -> assertThat(lb.bound(NODE_PORT, "NodePort")).endsWith(":30085"));
        }
    }

    @Test
    void theSameManifestsGetTheSameAddressesAfterARestartAndUnrelatedEdits() {
        Manifests manifests = new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        String clusterIp;
        try (LbProcess lb = run()) {
            clusterIp = lb.bound(CLUSTER_IP, "ClusterIP");
            manifests.write(
                    "other.yaml",
                    Manifests.myWebapp().replace("my-webapp", "other").replace("30080", "30081"));
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> lb.getJson("/api/v1/services").get("services").size() == 4);
            assertThat(lb.bound(CLUSTER_IP, "ClusterIP")).isEqualTo(clusterIp);
        }
        try (LbProcess lb = run()) {
            assertThat(lb.bound(CLUSTER_IP, "ClusterIP")).isEqualTo(clusterIp);
        }
    }

    @Test
    void aPortInUseIsReportedAndTheOtherFrontEndsWork() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp().replace("30080", "30079"));
        try (ServerSocket intruder = new ServerSocket(30079, 1, InetAddress.getByName("127.0.0.1"));
                LbProcess lb = run()) {
            assertThat(answers(lb.bound(NODE_PORT, "ClusterIP"), 30)).hasSize(3);
            assertThat(lb.stderr()).contains("30079").contains("another socket has this port");
            intruder.close();
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> !lb.bound(NODE_PORT, "NodePort").isEmpty());
            assertThat(answers("127.0.0.1:30079", 30)).hasSize(3);
        }
    }

    @Test
    void randomSpreadsEvenlyAndRoundRobinTakesExactTurns() throws Exception {
        new Manifests(folder)
                .write(
                        "web.yaml",
                        Manifests.myWebapp(),
                        Manifests.myWebapp()
                                .replace("my-webapp", "turns")
                                .replace("30080", "30081")
                                .replace(
                                        "name: turns-clusterip",
                                        "name: turns-clusterip\n  annotations:\n    podlb.io/policy: round-robin"));
        try (LbProcess lb = run()) {
            Map<String, Integer> counts = new TreeMap<>();
            int connections = 3_000;
            String random = lb.bound(CLUSTER_IP, "ClusterIP");
            for (int i = 0; i < connections; i++) {
                counts.merge(Http.get(random), 1, Integer::sum);
            }
            assertThat(counts).hasSize(3);
            double expected = connections / 3.0;
            double chiSquare = counts.values().stream()
                    .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                    .sum();
            // Two degrees of freedom: a fair draw exceeds 27.6 once in a million runs.
            assertThat(chiSquare).as(counts.toString()).isLessThan(27.6);

            String turns = lb.bound("turns-clusterip", "ClusterIP");
            List<String> order = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                order.add(Http.get(turns));
            }
            assertThat(new HashSet<>(order.subList(0, 3))).hasSize(3);
            for (int i = 3; i < order.size(); i++) {
                assertThat(order.get(i)).isEqualTo(order.get(i - 3));
            }
        }
    }

    @Test
    void everyConnectionIsShownWithItsPodAndTheReason() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        try (LbProcess lb = run()) {
            String pod = Http.get(lb.bound(CLUSTER_IP, "ClusterIP"));
            await().until(() -> {
                JsonNode connections = lb.getJson("/api/v1/connections").get("connections");
                return connections.size() == 1
                        && !connections.get(0).get("endReason").isNull();
            });
            String connection =
                    lb.getJson("/api/v1/connections").get("connections").get(0).toString();
            assertThat(connection).contains(pod).contains("random: one of 3").contains("backend-closed");
            String metrics = lb.get("/metrics").out();
            assertThat(metrics).contains("podlb_connections_total{").contains("podlb_backend_bytes_total{");
        }
    }

    @Test
    void onSigtermConnectionsFinishAndTheExitStatusIsZero() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        try (LbProcess lb = run("--drain-timeout", "20s")) {
            String address = lb.bound(CLUSTER_IP, "ClusterIP");
            String[] parts = address.split(":");
            try (Socket open = new Socket(parts[0], Integer.parseInt(parts[1]))) {
                open.getOutputStream().write("hello\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(open.getInputStream().read()).isPositive();
                lb.terminate();
                await().untilAsserted(() ->
                        assertThatThrownBy(() -> Http.get(address)).isInstanceOf(IOException.class));
                assertThat(lb.isAlive()).as("waits for the open connection").isTrue();
                open.getOutputStream().write("still here\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                open.shutdownOutput();
                assertThat(new String(open.getInputStream().readAllBytes())).contains("still here");
            }
            assertThat(lb.awaitExit()).isZero();
        }
    }

    @Test
    void connectionsThatDoNotFinishAreCutAtTheDrainTimeout() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        try (LbProcess lb = run("--drain-timeout", "300ms")) {
            String[] parts = lb.bound(CLUSTER_IP, "ClusterIP").split(":");
            try (Socket open = new Socket(parts[0], Integer.parseInt(parts[1]))) {
                open.getOutputStream().write("hello\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(open.getInputStream().read()).isPositive();
                lb.terminate();
                assertThat(lb.awaitExit()).isZero();
                assertThatThrownBy(() -> open.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
            }
        }
    }

    /** Systems without 127/8, and unprivileged use. */
    @Test
    void portModeServesOnStableHighPortsOfOneAddress() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        Map<String, String> bound = new LinkedHashMap<>();
        for (int start = 0; start < 2; start++) {
            try (LbProcess lb = run("--cluster-ip-mode", "port")) {
                String address = lb.bound(CLUSTER_IP, "ClusterIP");
                assertThat(address).startsWith("127.0.0.1:");
                assertThat(answers(address, 30)).hasSize(3);
                bound.put("start " + start, address);
            }
        }
        assertThat(new HashSet<>(bound.values())).hasSize(1);
    }
}
