package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Kube-semantics 16, 17 and 21 on a fresh start. */
class AllocationTest {

    private static final String ONE = "{ports: [{port: 80}]}";
    private static final String NODE_PORT = "{type: NodePort, ports: [{port: 80}]}";

    @Test
    void dynamicValuesComeFromTheUpperBands() {
        Cluster cluster = Cluster.withDefaults();
        for (int i = 0; i < 300; i++) {
            cluster.put("s" + i, NODE_PORT);
        }
        cluster.admit();
        Set<String> addresses = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 300; i++) {
            String address = cluster.ip("s" + i);
            assertThat(Cidr.parse("10.96.0.0/12").contains(InetAddresses.parse(address)))
                    .isTrue();
            assertThat(address).as("16.3").doesNotMatch("10\\.96\\.0\\..*").isNotEqualTo("10.96.1.0");
            assertThat(cluster.nodePorts("s" + i).get(0)).as("17.7").isBetween(30086, 32767);
            addresses.add(address);
            ports.addAll(cluster.nodePorts("s" + i));
        }
        assertThat(addresses).hasSize(300);
        assertThat(ports).hasSize(300);
    }

    @Test
    void explicitRequestsComeFirstWhereverTheyStand() {
        Cluster free = Cluster.withDefaults().put("a", NODE_PORT).admit();
        String address = free.ip("a");
        int port = free.nodePorts("a").get(0);
        Cluster cluster = Cluster.withDefaults()
                .put("a", NODE_PORT)
                .put("z", "{type: NodePort, clusterIP: " + address + ", ports: [{port: 80, nodePort: " + port + "}]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.ip("z")).isEqualTo(address);
        assertThat(cluster.nodePorts("z")).containsExactly(port);
        assertThat(cluster.ip("a")).isNotEqualTo(address);
        assertThat(cluster.nodePorts("a")).doesNotContain(port);
    }

    @Test
    void aConflictIsReportedOnTheSecondClaimantAndTheThirdIsNotConcerned() {
        Cluster cluster = Cluster.withDefaults()
                .put("z", "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}")
                .put(
                        "a",
                        "{type: NodePort, ports: [{port: 1, name: x}, {port: 80, name: y, protocol: UDP, nodePort: 30080}]}")
                .put("m", "{clusterIP: 10.96.0.50, ports: [{port: 80}]}")
                .put("n", "{clusterIP: 10.96.0.50, ports: [{port: 80}]}")
                .put("o", ONE)
                .admit();
        assertThat(cluster.served()).containsExactly("z", "m", "o");
        assertThat(cluster.lines())
                .as("16.1, 17.2, 22: by number, whatever the protocol")
                .containsExactly(
                        "ERROR a spec.ports[1].nodePort: 30080 is taken by Service default/z (f.yaml, document 1); use another, or nothing for one that is free",
                        "ERROR n spec.clusterIP: 10.96.0.50 is taken by Service default/m (f.yaml, document 3); use another, or nothing for one that is free");
    }

    @Test
    void aRefusedServiceClaimsNothing() {
        Cluster cluster = Cluster.withDefaults()
                .put("a", "{type: NodePort, ports: [{port: 80, nodePort: 30080}]}")
                .put(
                        "b",
                        "{type: NodePort, ports: [{port: 80, name: x, nodePort: 30081}, {port: 81, name: y, nodePort: 30080}]}")
                .put("c", "{type: NodePort, ports: [{port: 80, nodePort: 30081}]}")
                .admit();
        assertThat(cluster.served()).containsExactly("a", "c");
    }

    @Test
    void aHealthCheckNodePortIsOneOfTheSamePool() {
        Cluster cluster = Cluster.withDefaults()
                .put("a", "{type: LoadBalancer, externalTrafficPolicy: Local, ports: [{port: 80}]}")
                .put(
                        "b",
                        "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30007, ports: [{port: 80}]}")
                .put("c", "{type: NodePort, ports: [{port: 80, nodePort: 30007}]}")
                .put("d", "{type: LoadBalancer, ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.served()).as("17.10").containsExactly("a", "b", "d");
        assertThat(cluster.spec("a").getHealthCheckNodePort())
                .isBetween(30086, 32767)
                .isNotEqualTo(cluster.nodePorts("a").get(0));
        assertThat(cluster.spec("b").getHealthCheckNodePort()).isEqualTo(30007);
        assertThat(cluster.spec("d").getHealthCheckNodePort()).isNull();
    }

    @Test
    void portsWithOneNumberShareANodePort() {
        Cluster cluster = Cluster.withDefaults()
                .put(
                        "dns",
                        "{type: NodePort, ports: [{port: 53, name: a, protocol: UDP}, {port: 53, name: b}, {port: 9153, name: c}]}")
                .put(
                        "later",
                        "{type: NodePort, ports: [{port: 53, name: a, protocol: UDP}, {port: 53, name: b, nodePort: 30053}]}")
                .put(
                        "two",
                        "{type: NodePort, ports: [{port: 53, name: a, protocol: UDP, nodePort: 30001}, {port: 53, name: b, nodePort: 30002}]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        List<Integer> dns = cluster.nodePorts("dns");
        assertThat(dns.get(0)).as("17.4").isEqualTo(dns.get(1)).isNotEqualTo(dns.get(2));
        assertThat(cluster.nodePorts("later")).containsExactly(30053, 30053);
        assertThat(cluster.nodePorts("two")).containsExactly(30001, 30002);
    }

    @Test
    void aBalancerMayGoWithoutNodePorts() {
        Cluster cluster = Cluster.withDefaults()
                .put(
                        "a",
                        "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80, name: x}, {port: 81, name: y, nodePort: 30081}]}")
                .admit();
        assertThat(cluster.nodePorts("a")).as("17.8").containsExactly(0, 30081);
    }

    @Test
    void nobodyElseGetsNodePortsOrAddresses() {
        Cluster cluster = Cluster.withDefaults()
                .put("a", ONE)
                .put("b", "{clusterIP: None, ports: [{port: 80}]}")
                .put("c", "{type: ExternalName, externalName: a.b, ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.nodePorts("a")).containsExactly(0);
        assertThat(cluster.ips("b")).as("16.4").containsExactly("None");
        assertThat(cluster.ips("c")).as("16.4").isEmpty();
        assertThat(cluster.nodePorts("c")).containsExactly(0);
    }

    @Test
    void aTinyRangeIsUsedUpButForTheFirstAndTheTenthAddress() {
        Cluster cluster = Cluster.ofRange("10.0.0.16/28");
        for (int i = 0; i < 13; i++) {
            cluster.put("s" + i, ONE);
        }
        cluster.admit();
        assertThat(cluster.served()).as("14 usable, 16.5").hasSize(12);
        assertThat(cluster.services())
                .extracting(service -> service.getSpec().getClusterIP())
                .doesNotHaveDuplicates()
                .doesNotContain("10.0.0.16", "10.0.0.17", "10.0.0.26", "10.0.0.31");
        assertThat(cluster.lines())
                .containsExactly(
                        "ERROR s9 spec.clusterIP: the service range 10.0.0.16/28 is full; use a larger --service-cidr, or remove Services");
        assertThat(cluster.put("s9", "{clusterIP: 10.0.0.17, ports: [{port: 80}]}")
                        .admit()
                        .lines())
                .as("to who asks they are given")
                .isEmpty();
    }

    @Test
    void rangesWithoutARoomAreFullAtOnce() {
        for (String range : List.of("10.0.0.1/32", "10.0.0.0/31", "fd00::1/128")) {
            assertThat(Cluster.ofRange(range).put("a", ONE).admit().lines())
                    .as(range)
                    .singleElement()
                    .asString()
                    .contains("is full");
        }
    }

    @Test
    void aTinyRangeOfPortsIsUsedUp() {
        Cluster cluster = Cluster.ofPorts("30000-30001")
                .put("a", NODE_PORT)
                .put("b", NODE_PORT)
                .put("c", NODE_PORT)
                .admit();
        assertThat(cluster.served()).containsExactly("a", "b");
        assertThat(Set.of(cluster.nodePorts("a").get(0), cluster.nodePorts("b").get(0)))
                .containsExactlyInAnyOrder(30000, 30001);
        assertThat(cluster.lines())
                .containsExactly(
                        "ERROR c spec.ports[0].nodePort: the node port range 30000-30001 is full; use a larger --node-port-range, or remove node ports");
    }

    @Test
    void aServiceThatGetsNoNodePortGivesItsAddressBack() {
        Cluster cluster = new Cluster(
                        new AdmissionOptions(List.of(Cidr.parse("10.0.0.0/30")), PortRange.parse("30000-30000")))
                .put("a", "{type: NodePort, ports: [{port: 1, name: x}, {port: 2, name: y}]}")
                .put("b", ONE)
                .admit();
        assertThat(cluster.served()).as("16.4: all or nothing").containsExactly("b");
        assertThat(cluster.ip("b")).isEqualTo("10.0.0.2");
    }

    @Test
    void bothFamiliesAreGivenWhereAServiceWantsBoth() {
        Cluster cluster = Cluster.ofRange("10.96.0.0/16", "fd00:96::/112")
                .put("single", ONE)
                .put("six", "{ipFamilies: [IPv6], ports: [{port: 80}]}")
                .put("prefer", "{ipFamilyPolicy: PreferDualStack, ports: [{port: 80}]}")
                .put("require", "{ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6], ports: [{port: 80}]}")
                .put(
                        "both",
                        "{ipFamilyPolicy: RequireDualStack, clusterIP: 'fd00:96::5', clusterIPs: ['fd00:96::5', 10.96.0.5], ports: [{port: 80}]}")
                .put("half", "{ipFamilyPolicy: PreferDualStack, clusterIP: 10.96.0.6, ports: [{port: 80}]}")
                .put("headless", "{clusterIP: None, selector: {a: b}, ports: [{port: 80}]}")
                .put("bare", "{clusterIP: None, ports: [{port: 80}]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.spec("single").getIpFamilies()).containsExactly("IPv4");
        assertThat(cluster.ips("single")).singleElement().asString().startsWith("10.96.");
        assertThat(cluster.ips("six")).singleElement().asString().startsWith("fd00:96::");
        assertThat(cluster.spec("prefer").getIpFamilies()).as("21.1").containsExactly("IPv4", "IPv6");
        assertThat(cluster.ips("prefer")).hasSize(2);
        assertThat(cluster.spec("require").getIpFamilies()).containsExactly("IPv6", "IPv4");
        assertThat(cluster.ips("require").get(0)).startsWith("fd00:96::").isEqualTo(cluster.ip("require"));
        assertThat(cluster.spec("both").getIpFamilies()).as("21.2").containsExactly("IPv6", "IPv4");
        assertThat(cluster.ips("half").get(0)).isEqualTo("10.96.0.6");
        assertThat(cluster.ips("half").get(1)).startsWith("fd00:96::");
        assertThat(cluster.spec("headless").getIpFamilies()).containsExactly("IPv4");
        assertThat(cluster.spec("bare").getIpFamilies()).as("18.5").containsExactly("IPv4", "IPv6");
    }

    @Test
    void aServiceWithoutSelectorOrAddressMayHaveAnyFamily() {
        Cluster cluster = Cluster.withDefaults()
                .put("bare", "{clusterIP: None, ipFamilies: [IPv6]}")
                .admit();
        assertThat(cluster.problems()).isEmpty();
        assertThat(cluster.spec("bare").getIpFamilies()).containsExactly("IPv6", "IPv4");
    }

    @Test
    void largeIpv6RangesWork() {
        for (String range : List.of("fd00::/64", "fd00::/65", "fd00::/108")) {
            Cluster cluster = Cluster.ofRange(range).put("a", ONE).put("b", ONE).admit();
            assertThat(cluster.problems()).as(range).isEmpty();
            assertThat(Cidr.parse(range).contains(InetAddresses.parse(cluster.ip("a"))))
                    .isTrue();
            assertThat(cluster.ip("a")).isNotEqualTo(cluster.ip("b"));
        }
        assertThat(Cluster.ofRange("fd00::/108")
                        .put("a", "{clusterIP: 'fd00::f:ffff', ports: [{port: 80}]}")
                        .admit()
                        .problems())
                .as("16.1: IPv6 has no broadcast address")
                .isEmpty();
    }
}
