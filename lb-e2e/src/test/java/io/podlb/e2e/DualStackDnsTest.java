package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A DNS Service of both families; dig takes no answer that comes from another address than the one it asked. */
@NeedsNamespaces
@Timeout(180)
class DualStackDnsTest {

    private static final String CLUSTER_IP_6 = "fd00:10:96::10";
    private static final String[] ALL = {"dns-1", "dns-2", "dns-3"};

    @TempDir
    Path folder;

    private DnsLab dns;

    @BeforeEach
    void buildTheLab() {
        dns = new DnsLab(folder);
        dns.lab().in("node", "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
        address("node", "pods", "fd00:10:244::1");
        address("node", "uplink", "fd00:77::1");
        address("node", "uplink", "fd00:77::101");
        dns.lab().in("node", "ip", "address", "add", "192.168.77.101/24", "dev", "uplink");
        address("client", "eth0", "fd00:77::2");
        route("client", "fd00:77::1");
        for (int pod = 1; pod <= DnsLab.PODS; pod++) {
            address(DnsLab.name(pod), "eth0", address6(pod));
            route(DnsLab.name(pod), "fd00:10:244::1");
        }
        address("caller", "eth0", "fd00:10:244::20");
        route("caller", "fd00:10:244::1");
    }

    @AfterEach
    void removeTheLab() {
        dns.close();
    }

    private static String address6(int pod) {
        return "fd00:10:244::1" + pod;
    }

    private void address(String namespace, String device, String address) {
        dns.lab().in(namespace, "ip", "-6", "address", "add", address + "/64", "dev", device, "nodad");
    }

    private void route(String namespace, String via) {
        dns.lab().in(namespace, "ip", "-6", "route", "add", "default", "via", via);
    }

    /** kube-semantics 21. */
    @Test
    void bothFamiliesAreServedAndEachAnswerComesFromTheAddressThatWasAsked() throws IOException {
        String[] pods = new String[DnsLab.PODS];
        for (int pod = 1; pod <= DnsLab.PODS; pod++) {
            pods[pod - 1] = DnsLab.pod(pod)
                    + "  podIPs: [{ip: %s}, {ip: \"%s\"}]\n".formatted(DnsLab.address(pod), address6(pod));
        }
        Manifests manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                .write("pods.yaml", pods)
                .write(
                        "dns.yaml",
                        DnsLab.service("UDP", "TCP")
                                .replace("ipFamilies: [IPv4]", "ipFamilies: [IPv4, IPv6]")
                                .replace(
                                        "clusterIPs: [" + DnsLab.CLUSTER_IP + "]",
                                        "clusterIPs: [" + DnsLab.CLUSTER_IP + ", \"" + CLUSTER_IP_6 + "\"]\n"
                                                + "  ipFamilyPolicy: RequireDualStack"));
        try (LbProcess lb =
                dns.run(manifests, "--service-cidr", "10.96.0.0/12", "--service-cidr", "fd00:10:96::/112")) {
            for (String address : List.of(DnsLab.CLUSTER_IP, CLUSTER_IP_6)) {
                for (String from : List.of("caller", "node")) {
                    assertThat(dns.answers(from, address, 53)).containsExactly(ALL);
                    assertThat(dns.answers(from, address, 53, "+tcp")).containsExactly(ALL);
                }
            }
            for (String address : List.of(Lab.NODE_ADDRESS, "192.168.77.101", "fd00:77::1", "fd00:77::101")) {
                assertThat(dns.answers("client", address, DnsLab.NODE_PORT)).containsExactly(ALL);
            }
            assertThat(dns.answers("client", "fd00:77::101", DnsLab.NODE_PORT, "+tcp"))
                    .containsExactly(ALL);
            lb.terminate();
            assertThat(lb.awaitExit()).isZero();
        }
        assertThat(dns.lab().in("node", "ip", "-6", "route", "show", "table", "local", "dev", "lo"))
                .as("the route that podlb added is gone")
                .doesNotContain("fd00:10:96::");
    }
}
