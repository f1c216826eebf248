package io.podlb.e2e;

import static io.podlb.e2e.ServiceYaml.service;
import static io.podlb.e2e.ServiceYaml.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node of a cluster with both families, two ranges of IPv4 and one of IPv6, all told by ServiceCIDR objects. */
@NeedsNamespaces
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DualStackNodeTest {

    private static final Pod A1 = new Pod("a1", 1, 11);
    private static final Pod A2 = new Pod("a2", 1, 12);
    private static final Pod B1 = new Pod("b1", 2, 11);
    private static final Pod B2 = new Pod("b2", 2, 12);

    private static final List<String> RANGES = List.of("10.96.0.0/16", "10.97.64.0/20", "fd00:10:96::/108");

    private TwoNodes lab;
    private ApiProcess api;

    @BeforeAll
    void buildTheLab(@TempDir Path folder) {
        lab = new TwoNodes("dual", folder);
        lab.build(List.of(A1, A2, B1, B2));
        api = lab.api();
        api.put(serviceCidr("kubernetes", RANGES.get(0), RANGES.get(2)));
        api.put(serviceCidr("more", RANGES.get(1)));
        lab.start(1);
        lab.awaitReady();
    }

    @AfterAll
    void removeTheLab() {
        lab.close();
    }

    private static String serviceCidr(String name, String... ranges) {
        return """
                apiVersion: networking.k8s.io/v1
                kind: ServiceCIDR
                metadata:
                  name: %s
                spec:
                  cidrs: ["%s"]
                """.formatted(name, String.join("\", \"", ranges));
    }

    private static String dual(String name, String ipv4, String ipv6, int nodePort) {
        return service(
                name,
                "type: NodePort",
                "clusterIP: " + ipv4,
                "clusterIPs: [\"" + ipv4 + "\", \"" + ipv6 + "\"]",
                "ipFamilies: [IPv4, IPv6]",
                "ipFamilyPolicy: RequireDualStack",
                "ports: [{port: 80, nodePort: " + nodePort + "}]");
    }

    private void offer(String service, String family, Pod... pods) {
        api.put(slice(
                service,
                family.toLowerCase(Locale.ROOT),
                family,
                List.of(pods).stream().map(Pod::ready).toList()));
    }

    /** kube-semantics 21.4, 21.5: each family has endpoints of its own, or none. */
    @Test
    void theFamiliesOfOneServiceAreServedAsIfTheyWereTwo() {
        api.put(dual("dual", "10.96.2.1", "fd00:10:96::201", 30201));
        offer("dual", "IPv4", A1, B1);
        offer("dual", "IPv6", A2, B2);
        lab.settles("a2", "10.96.2.1", A1, B1);
        lab.settles("a2", "[fd00:10:96::201]", A2, B2);
        lab.settles("node1", "[fd00:10:96::201]", A2, B2);
        lab.settles("client", "192.168.79.1:30201", A1, B1);
        lab.settles("client", "[fd00:79::1]:30201", A2, B2);

        offer("dual", "IPv6");
        lab.refused("a2", "[fd00:10:96::201]");
        lab.reset("client", "[fd00:79::1]:30201"); // one socket takes both families
        lab.settles("a2", "10.96.2.1", A1, B1);
        lab.settles("client", "192.168.79.1:30201", A1, B1);

        offer("dual", "IPv4");
        lab.refused("client", "192.168.79.1:30201");
        lab.refused("client", "[fd00:79::1]:30201");
        offer("dual", "IPv6", B2);
        lab.settles("a2", "[fd00:10:96::201]", B2);
        lab.settles("client", "[fd00:79::1]:30201", B2);
        lab.refused("a2", "10.96.2.1");
        lab.reset("client", "192.168.79.1:30201");
    }

    /** And whoever takes a route of these away takes it for a moment. */
    @Test
    void clusterIpsOfEveryRangeAreServedAndTheirRoutesRepaired() {
        api.put(dual("first", "10.96.2.2", "fd00:10:96::202", 30202));
        api.put(service("second", "clusterIP: 10.97.65.2", "ports: [{port: 80}]"));
        offer("first", "IPv4", A1);
        offer("first", "IPv6", A2);
        offer("second", "IPv4", B1);
        served();
        assertThat(lab.daemon(1).bound("first", "ClusterIP")).isEqualTo("10.96.2.2:80");
        assertThat(lab.daemon(1).bound("second", "ClusterIP")).isEqualTo("10.97.65.2:80");
        assertThat(routes()).contains("local 10.96.0.0/16 ", "local 10.97.64.0/20 ", "local fd00:10:96::/108 ");
        assertThat(routes())
                .as("what --service-cidr says without ServiceCIDR objects")
                .doesNotContain("10.96.0.0/12");

        for (String range : RANGES) {
            lab.namespaces().in("node1", "ip", "route", "del", "local", range, "dev", "lo", "table", "local");
        }
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(routes())
                        .contains("local 10.96.0.0/16 ", "local 10.97.64.0/20 ", "local fd00:10:96::/108 "));
        served();
    }

    private void served() {
        for (String from : List.of("a2", "node1")) {
            lab.settles(from, "10.96.2.2", A1);
            lab.settles(from, "[fd00:10:96::202]", A2);
            lab.settles(from, "10.97.65.2", B1);
        }
    }

    private String routes() {
        return lab.namespaces().in("node1", "ip", "-4", "route", "show", "table", "local", "dev", "lo")
                + lab.namespaces().in("node1", "ip", "-6", "route", "show", "table", "local", "dev", "lo");
    }
}
