package io.podlb.e2e;

import static io.podlb.e2e.ServiceYaml.service;
import static io.podlb.e2e.ServiceYaml.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Two proxies on one node: node1 has one for the Services that nobody else is named for, and one with a name. On node2 a
 * shadow looks on.
 */
@NeedsNamespaces
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProxiesSideBySideTest {

    private static final Pod A1 = new Pod("a1", 1, 11);
    private static final Pod B1 = new Pod("b1", 2, 11);

    private static final String NODE_PORT = TwoNodes.NODE1 + ":30401";

    private TwoNodes lab;
    private ApiProcess api;
    private LbProcess named;
    private LbProcess shadow;

    @BeforeAll
    void buildTheLab(@TempDir Path folder) {
        lab = new TwoNodes("beside", folder);
        lab.build(List.of(A1, B1));
        api = lab.api();
        lab.namespaces().startNginx("node2", 30402); // whoever has a node port before podlb comes
        lab.namespaces().awaitNginx("node2", "127.0.0.1:30402");
        lab.start(1, "--service-cidr", "10.96.0.0/16");
        named = lab.startBeside(
                1, "127.0.0.1:10349", "--service-cidr", "10.96.0.0/16", "--proxy-name", "podlb", "--healthz", "none");
        shadow = lab.startBeside(2, "127.0.0.1:10249", "--service-cidr", "10.96.0.0/16", "--shadow");
        lab.awaitReady();
    }

    @AfterAll
    void removeTheLab() {
        lab.close();
    }

    /** kube-semantics 1.1, 1.2, 1.4: both want the same addresses, one after the other. */
    @Test
    void aLabelHandsAServiceToTheNamedProxyAndItsRemovalBack() {
        LbProcess nameless = lab.daemon(1);
        String service = nodePort("moved", "10.96.4.1", 30401);
        String slice = slice("moved", A1.ready(), B1.ready());
        api.put(service);
        api.put(slice);
        servedBy(nameless, named);

        api.put(labelled(slice));
        api.put(labelled(service));
        servedBy(named, nameless);

        api.put(service);
        api.put(slice);
        servedBy(nameless, named);
    }

    private void servedBy(LbProcess one, LbProcess other) {
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
            assertThat(one.bound("moved", "ClusterIP")).isEqualTo("10.96.4.1:80");
            assertThat(one.bound("moved", "NodePort")).isEqualTo("0.0.0.0:30401");
        });
        assertThat(names(other)).doesNotContain("moved");
        lab.settles("client", NODE_PORT, A1, B1);
        lab.settles("a1", "10.96.4.1", A1, B1);
    }

    private static List<String> names(LbProcess lb) {
        return StreamSupport.stream(
                        lb.getJson("/api/v1/services").get("services").spliterator(), false)
                .map(service -> service.get("name").asString())
                .toList();
    }

    private static String labelled(String yaml) {
        String label = "    service.kubernetes.io/service-proxy-name: podlb\n";
        return yaml.contains("  labels:\n")
                ? yaml.replace("  labels:\n", "  labels:\n" + label)
                : yaml.replace("spec:\n", "  labels:\n" + label + "spec:\n");
    }

    @Test
    void aShadowSaysWhatItWouldServeAndWhichOfItsPortsIsTaken() {
        api.put(nodePort("free", "10.96.4.2", 30403));
        api.put(slice("free", A1.ready(), B1.ready()));
        api.put(nodePort("taken", "10.96.4.3", 30402));
        api.put(slice("taken", B1.ready()));
        await().atMost(Duration.ofSeconds(60)).ignoreExceptions().untilAsserted(() -> {
            assertThat(shadow.frontend("free", "NodePort").get("endpoints")).hasSize(2);
            assertThat(shadow.frontend("taken", "NodePort").get("endpoints")).hasSize(1);
        });
        assertThat(shadow.service("free").get("problems")).isEmpty();
        JsonNode problems = shadow.service("taken").get("problems");
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0).asString())
                .contains("NodePort 0.0.0.0:30402/TCP could not be bound, another socket listens on 0.0.0.0:30402");
        assertThat(shadow.frontend("free", "NodePort").get("verdict").asString())
                .isEqualTo("forward");
        assertThat(shadow.bound("free", "NodePort")).isEmpty();

        assertThat(listening("node2"))
                .as("the admin endpoint and whoever was there")
                .containsExactlyInAnyOrder("127.0.0.1:10249", "0.0.0.0:30402", "[::]:30402");
        lab.refused("client", TwoNodes.NODE2 + ":30403");
        assertThat(lab.namespaces().curl("client", TwoNodes.NODE2 + ":30402").out())
                .isEqualTo("node2\n");
        assertThat(lab.namespaces().in("node2", "ip", "route", "show", "table", "local", "dev", "lo"))
                .doesNotContain("10.96.0.0");
    }

    /** The TCP sockets that listen in a namespace. */
    private List<String> listening(String name) {
        return lab.namespaces()
                .in(name, "ss", "-Hltn")
                .lines()
                .map(line -> line.split(" +")[3].replace("[::ffff:127.0.0.1]", "127.0.0.1"))
                .toList();
    }

    private static String nodePort(String name, String clusterIp, int nodePort) {
        return service(
                name, "type: NodePort", "clusterIP: " + clusterIp, "ports: [{port: 80, nodePort: " + nodePort + "}]");
    }
}
