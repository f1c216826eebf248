package io.podlb.e2e;

import static io.podlb.e2e.ServiceYaml.service;
import static io.podlb.e2e.ServiceYaml.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What each of two nodes does with one Service, seen from outside, from Pods of both and from the nodes themselves. */
@NeedsNamespaces
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoNodesTest {

    private static final Pod A1 = new Pod("a1", 1, 11);
    private static final Pod A2 = new Pod("a2", 1, 12);
    private static final Pod B1 = new Pod("b1", 2, 11);
    private static final Pod B2 = new Pod("b2", 2, 12);

    /** Addresses of loopback, each of them a client of its own. */
    private static final List<String> CLIENTS =
            IntStream.range(101, 111).mapToObj(i -> "127.0.0." + i).toList();

    private TwoNodes lab;
    private ApiProcess api;

    @BeforeAll
    void buildTheLab(@TempDir Path folder) {
        lab = new TwoNodes("rules", folder);
        lab.build(List.of(A1, A2, B1, B2));
        api = lab.api();
        lab.start(1, "--service-cidr", "10.96.0.0/16");
        lab.start(2, "--service-cidr", "10.96.0.0/16");
        lab.awaitReady();
    }

    @AfterAll
    void removeTheLab() {
        lab.close();
    }

    private static String outside(int node, int port) {
        return (node == 1 ? TwoNodes.NODE1 : TwoNodes.NODE2) + ":" + port;
    }

    @Test
    void everyPodIsReachedThroughEitherNode() {
        api.put(nodePort("web", "10.96.1.1", 30101));
        api.put(slice("web", A1.ready(), A2.ready(), B1.ready(), B2.ready()));
        for (String from : List.of("a1", "b1", "node1", "node2")) {
            lab.settles(from, "10.96.1.1", A1, A2, B1, B2);
        }
        lab.settles("client", outside(1, 30101), A1, A2, B1, B2);
        lab.settles("client", outside(2, 30101), A1, A2, B1, B2);
        assertThat(lab.namespaces().curl("client", A1.ipv4()).exit())
                .as("a client outside reaches no Pod by itself")
                .isNotZero();
    }

    /** kube-semantics 5.1, 5.3, 5.6, 5.7, 24.3. One endpoint is on a node that is not here. */
    @Test
    void underExternalPolicyLocalOutsidersGetPodsOfTheNodeThatTheyCalled() {
        api.put(service(
                "outer",
                "type: NodePort",
                "clusterIP: 10.96.1.2",
                "externalTrafficPolicy: Local",
                "ports: [{port: 80, nodePort: 30102}]"));
        api.put(slice("outer", A1.ready(), B1.ready().on("node3")));
        lab.settles("client", outside(1, 30102), A1);
        lab.reset("client", outside(2, 30102));
        lab.settles("b2", outside(2, 30102), A1, B1);
        lab.settles("node2", "127.0.0.1:30102", A1, B1);
        lab.settles("a2", outside(1, 30102), A1, B1);
        lab.settles("b2", outside(1, 30102), A1);
        lab.reset("a2", outside(2, 30102));
        lab.settles("a2", "10.96.1.2", A1, B1);
        lab.settles("b2", "10.96.1.2", A1, B1);

        api.put(slice("outer", A1.ready(), B1.ready().on("node3"), B2.ready()));
        lab.settles("client", outside(2, 30102), B2);
        lab.settles("client", outside(1, 30102), A1);
    }

    /** kube-semantics 11.1 to 11.6, and 11.8 with 4.3 and 4.4: balancers leave a node before its last Pod does. */
    @Test
    void theHealthCheckNodePortCountsThePodsOfItsNode() {
        api.put(service(
                "balanced",
                "type: LoadBalancer",
                "clusterIP: 10.96.1.3",
                "externalTrafficPolicy: Local",
                "healthCheckNodePort: 31103",
                "ports: [{port: 80, nodePort: 30103}]"));
        api.put(slice("balanced", A1.ready(), A2.ready()));
        health(1, 31103, 200, 2);
        health(2, 31103, 503, 0);

        api.put(slice("balanced", A1.terminating(), A2.dying(), B1.ready()));
        health(1, 31103, 503, 0);
        health(2, 31103, 200, 1);
        lab.settles("client", outside(1, 30103), A1);
        lab.settles("client", outside(2, 30103), B1);
        lab.settles("a2", "10.96.1.3", B1);
        lab.settles("b2", "10.96.1.3", B1);
    }

    private void health(int node, int port, int status, int endpoints) {
        await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> {
            Shell answer = lab.namespaces()
                    .run("client", List.of("curl", "-sSi", "http://" + outside(node, port) + "/healthz"));
            assertThat(answer.out())
                    .as("health of node%d %s", node, answer.err())
                    .startsWith("HTTP/1.1 " + status)
                    .containsIgnoringCase("x-load-balancing-endpoint-weight: " + endpoints)
                    .contains("\"localEndpoints\":" + endpoints, "\"name\":\"balanced\"");
        });
    }

    /** kube-semantics 5.1, 5.3, 24.1: without a Pod here the cluster IP is closed, and the node port is not concerned. */
    @Test
    void underInternalPolicyLocalTheClusterIpLeadsToPodsOfTheOwnNode() {
        api.put(service(
                "inner",
                "type: NodePort",
                "clusterIP: 10.96.1.4",
                "internalTrafficPolicy: Local",
                "ports: [{port: 80, nodePort: 30104}]"));
        api.put(slice("inner", A1.ready(), B1.ready().on("node3")));
        lab.settles("a2", "10.96.1.4", A1);
        lab.settles("node1", "10.96.1.4", A1);
        lab.refused("b2", "10.96.1.4");
        lab.refused("node2", "10.96.1.4");
        lab.settles("client", outside(1, 30104), A1, B1);
        lab.settles("client", outside(2, 30104), A1, B1);

        api.put(slice("inner", A1.terminating(), A2.dying(), B1.ready()));
        lab.settles("a2", "10.96.1.4", A1);
        lab.settles("b2", "10.96.1.4", B1);
    }

    /** kube-semantics 4.2, 4.5, 5.2. */
    @Test
    void terminatingPodsServeWhereNoneIsReadyAnywhere() {
        api.put(nodePort("leaving", "10.96.1.5", 30105));
        api.put(slice("leaving", A1.ready(), A2.dying(), B1.terminating(), B2.unready()));
        everywhere("10.96.1.5", 30105, A1);
        api.put(slice("leaving", A1.terminating(), A2.dying(), B1.terminating(), B2.unready()));
        everywhere("10.96.1.5", 30105, A1, B1);
        api.put(slice("leaving", A1.dying(), A2.dying(), B1.dying(), B2.unready()));
        nowhere("10.96.1.5", 30105);
    }

    /** kube-semantics 7.3. */
    @Test
    void aPodReachesItselfThroughItsService() {
        api.put(nodePort("single", "10.96.1.6", 30106));
        api.put(slice("single", A1.ready()));
        lab.settles("a1", "10.96.1.6", A1);
        lab.settles("a1", outside(1, 30106), A1);
        lab.settles("a1", outside(2, 30106), A1);
    }

    /** kube-semantics 8.2, 8.4, 8.5. */
    @Test
    void aClientKeepsItsPodOnEveryFrontEndOfOneNode() {
        api.put(service(
                "sticky",
                "type: NodePort",
                "clusterIP: 10.96.1.7",
                "externalIPs: [10.244.1.1, 10.244.2.1]",
                "sessionAffinity: ClientIP",
                "ports: [{port: 8080, nodePort: 30107}]"));
        api.put(slice("sticky", A1.ready(), A2.ready(), B1.ready(), B2.ready()));
        lab.awaitEndpoints("sticky", 4);
        Map<String, Set<String>> before = keptPods("node1", "10.244.1.1");
        assertThat(keptPods("node2", "10.244.2.1"))
                .as("each node remembers for itself")
                .isNotEqualTo(before);

        api.put(slice("sticky", A1.terminating(), A2.ready(), B1.ready(), B2.ready()));
        Set<String> gone = Set.of("a1");
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(lab.answers("node1", "10.96.1.7:8080", CLIENTS))
                        .doesNotContainValue(gone));
        Map<String, Set<String>> after = keptPods("node1", "10.244.1.1");
        before.values().removeIf(gone::equals);
        assertThat(after).as("clients whose Pod stays").containsAllEntriesOf(before);
    }

    /** The Pod of each client, the same by cluster IP, node port and external IP. */
    private Map<String, Set<String>> keptPods(String node, String externalIp) {
        Map<String, Set<String>> pods = lab.answers(node, "10.96.1.7:8080", CLIENTS);
        assertThat(pods.values())
                .as("each keeps to one Pod")
                .allSatisfy(each -> assertThat(each).hasSize(1));
        assertThat(lab.answers(node, "127.0.0.1:30107", CLIENTS)).isEqualTo(pods);
        assertThat(lab.answers(node, externalIp + ":8080", CLIENTS)).isEqualTo(pods);
        return pods;
    }

    /** kube-semantics 20. */
    @Test
    void aServiceChangesItsTypeOnBothNodes() {
        String clusterIp = service("changing", "type: ClusterIP", "clusterIP: 10.96.1.8", "ports: [{port: 80}]");
        api.put(clusterIp);
        api.put(slice("changing", A1.ready(), B1.ready()));
        lab.settles("a2", "10.96.1.8", A1, B1);
        lab.settles("b2", "10.96.1.8", A1, B1);
        lab.refused("client", outside(1, 30108));
        lab.refused("client", outside(2, 30108));

        api.put(nodePort("changing", "10.96.1.8", 30108));
        everywhere("10.96.1.8", 30108, A1, B1);

        api.put(service("changing", "type: ExternalName", "externalName: example.org"));
        nowhere("10.96.1.8", 30108);

        api.put(clusterIp);
        lab.settles("a2", "10.96.1.8", A1, B1);
        lab.settles("b2", "10.96.1.8", A1, B1);
        lab.refused("client", outside(1, 30108));
        lab.refused("client", outside(2, 30108));
    }

    private static String nodePort(String name, String clusterIp, int nodePort) {
        return service(
                name, "type: NodePort", "clusterIP: " + clusterIp, "ports: [{port: 80, nodePort: " + nodePort + "}]");
    }

    private void everywhere(String clusterIp, int nodePort, Pod... expected) {
        lab.settles("a2", clusterIp, expected);
        lab.settles("b2", clusterIp, expected);
        lab.settles("client", outside(1, nodePort), expected);
        lab.settles("client", outside(2, nodePort), expected);
    }

    private void nowhere(String clusterIp, int nodePort) {
        lab.refused("a2", clusterIp);
        lab.refused("b2", clusterIp);
        lab.refused("client", outside(1, nodePort));
        lab.refused("client", outside(2, nodePort));
    }
}
