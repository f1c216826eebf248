package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node whose Services come from an API server: it takes them on, follows every change, and survives an outage. */
@NeedsNamespaces
@Timeout(180)
class NodeDaemonTest {

    private static final String ADMIN = "127.0.0.1:10249";
    private static final String CLUSTER_IP = "10.96.7.7";
    private static final String NODE_PORT = Lab.NODE_ADDRESS + ":30090";
    private static final int REFUSED = 7;

    @TempDir
    Path folder;

    private Lab lab;
    private ApiProcess api;

    @BeforeEach
    void buildTheLab() {
        lab = new Lab(folder);
        for (int i = 1; i <= 3; i++) {
            lab.addPod("web-" + i, "10.244.0.1" + i);
        }
        api = ApiProcess.start(lab.prefix("api"), lab.addControlPlane(), 6443);
        api.put("""
                apiVersion: v1
                kind: Node
                metadata:
                  name: n0
                  labels:
                    topology.kubernetes.io/zone: zone-a
                """);
        api.put(service("NodePort"));
        api.put(slice(1, 2, 3));
    }

    @AfterEach
    void removeTheLab() {
        api.close();
        lab.close();
    }

    @Test
    void servicesOfTheClusterAreServedOnTheNode() {
        try (LbProcess lb = node()) {
            assertThat(lb.frontend("web", "ClusterIP").get("bound").asString()).isEqualTo(CLUSTER_IP + ":80");
            assertThat(lb.getJson("/api/v1/services").get("node").get("zone").asString())
                    .isEqualTo("zone-a");
            settles("web-1", CLUSTER_IP, "web-1", "web-2", "web-3");
            settles("node", CLUSTER_IP, "web-1", "web-2", "web-3");
            settles("client", NODE_PORT, "web-1", "web-2", "web-3");

            api.put(slice(2));
            settles("client", NODE_PORT, "web-2");
            api.delete(slice());
            refused("client", NODE_PORT);
            refused("web-1", CLUSTER_IP);
            api.put(slice(1, 3));
            settles("web-2", CLUSTER_IP, "web-1", "web-3");
            refused("web-2", CLUSTER_IP + ":81"); // 5.11: a port that nobody defined

            lb.terminate();
            assertThat(lb.awaitExit()).isZero();
        }
        assertThat(lab.in("node", "ip", "route", "show", "table", "local", "dev", "lo"))
                .as("the route that podlb added is gone")
                .doesNotContain("10.96.0.0");
    }

    /** kube-semantics 1.1, 1.2, 1.4: Service after Service can be moved from one proxy to the other. */
    @Test
    void aLabelHandsAServiceToTheProxyOfThatName() {
        try (LbProcess lb = node("--proxy-name", "podlb")) {
            refused("client", NODE_PORT);
            api.put(labelled(service("NodePort"), "podlb"));
            api.put(labelled(slice(1, 2), "podlb"));
            settles("client", NODE_PORT, "web-1", "web-2");
            api.put(labelled(service("NodePort"), "other"));
            refused("client", NODE_PORT);
            assertThat(lb.isAlive()).isTrue();
        }
    }

    /** kube-semantics 1.12. */
    @Test
    void withoutItsApiServerTheLastStateIsServedAndAfterwardsCaughtUpWith() {
        try (LbProcess lb = node()) {
            settles("client", NODE_PORT, "web-1", "web-2", "web-3");
            api.goAway();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> lb.get("/readyz").out().contains("stale"));
            settles("client", NODE_PORT, "web-1", "web-2", "web-3");
            api.put(slice(3));
            api.comeBack();
            settles("client", NODE_PORT, "web-3");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> lb.get("/readyz").out().strip().equals("ready"));
        }
    }

    @Test
    void aShadowBindsNothingAndShowsWhatWouldClash() {
        try (LbProcess shadow = shadow()) {
            refused("client", NODE_PORT);
            assertThat(shadow.frontend("web", "NodePort").get("endpoints")).hasSize(3);
            assertThat(shadow.service("web").get("problems")).isEmpty();
            try (LbProcess lb = node()) {
                settles("client", NODE_PORT, "web-1", "web-2", "web-3");
                assertThat(shadow.service("web").get("problems").toString())
                        .contains("ClusterIP " + CLUSTER_IP + ":80/TCP could not be bound")
                        .contains("NodePort 0.0.0.0:30090/TCP could not be bound");
                assertThat(lb.isAlive()).isTrue();
            }
        }
    }

    @Test
    void connectionsOfClientsOutsideLeaveALineInTheAccessLog() {
        try (LbProcess lb = node("--access-log", "all")) {
            settles("client", NODE_PORT, "web-1", "web-2", "web-3");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(lb.stdout())
                            .contains(
                                    " frontend=NodePort ",
                                    " backend=10.244.0.11:80 ",
                                    ":80 connected ",
                                    " end=client-closed"));
        }
    }

    private LbProcess shadow() {
        return LbProcess.start(
                        lab.prefix("node"),
                        LbProcess.java(),
                        "127.0.0.1:10349",
                        "node",
                        "--node-name",
                        "n0",
                        "--master",
                        api.url(),
                        "--shadow")
                .awaitReady();
    }

    private LbProcess node(String... more) {
        List<String> arguments = new ArrayList<>(List.of("node", "--node-name", "n0", "--master", api.url()));
        arguments.addAll(List.of(more));
        return LbProcess.start(lab.prefix("node"), LbProcess.java(), ADMIN, arguments.toArray(new String[0]))
                .awaitReady();
    }

    private void settles(String from, String address, String... expected) {
        await().atMost(Duration.ofSeconds(20)).ignoreExceptions().untilAsserted(() -> {
            Set<String> answers = new TreeSet<>();
            for (int i = 0; i < 30; i++) {
                Shell answer = lab.curl(from, address);
                assertThat(answer.exit()).as(answer.err()).isZero();
                answers.add(answer.out().strip());
            }
            assertThat(answers).containsExactly(expected);
        });
    }

    private void refused(String from, String address) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(lab.curl(from, address).exit()).isEqualTo(REFUSED));
    }

    private static String labelled(String yaml, String proxy) {
        String label = "service.kubernetes.io/service-proxy-name: " + proxy;
        return yaml.contains("  labels:\n")
                ? yaml.replace("  labels:\n", "  labels:\n    " + label + "\n")
                : yaml.replace("metadata:\n", "metadata:\n  labels:\n    " + label + "\n");
    }

    private static String service(String type) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  namespace: default
                  name: web
                spec:
                  type: %s
                  clusterIP: %s
                  clusterIPs: [%s]
                  ipFamilies: [IPv4]
                  ports:
                    - port: 80
                      protocol: TCP
                      targetPort: 80
                %s
                """.formatted(type, CLUSTER_IP, CLUSTER_IP, type.equals("NodePort") ? "      nodePort: 30090" : "");
    }

    /** The slice of the Service with the Pods of these numbers. */
    private static String slice(int... pods) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  namespace: default
                  name: web-1
                  labels:
                    kubernetes.io/service-name: web
                addressType: IPv4
                ports:
                  - name: ""
                    port: 80
                    protocol: TCP
                endpoints: %s
                """.formatted(IntStream.of(pods)
                .mapToObj(i -> "{addresses: [10.244.0.1%d], conditions: {ready: true}, nodeName: n0}".formatted(i))
                .collect(Collectors.joining(", ", "[", "]")));
    }
}
