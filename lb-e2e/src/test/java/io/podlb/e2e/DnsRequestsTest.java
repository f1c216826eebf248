package io.podlb.e2e;

import static io.podlb.e2e.DnsLab.CLUSTER_IP;
import static io.podlb.e2e.DnsLab.NODE_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code podlb.io/udp-flows: per-datagram}: one resolver behind one port gets its answers from all Pods. */
@NeedsNamespaces
@Timeout(180)
class DnsRequestsTest {

    private static final String[] ALL = {"dns-1", "dns-2", "dns-3"};

    @TempDir
    Path folder;

    private DnsLab dns;

    @BeforeEach
    void buildTheLab() {
        dns = new DnsLab(folder);
        for (String pod : ALL) {
            // By default a kernel says "port unreachable" once a second to one machine; here each request asks anew.
            dns.lab().in(pod, "sysctl", "-qw", "net.ipv4.icmp_ratemask=0");
        }
    }

    @AfterEach
    void removeTheLab() {
        dns.close();
    }

    @Test
    void eachRequestOfOnePortIsBalancedAndPodsComeAndGoWithoutALostAnswer() throws IOException {
        Manifests manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                .write("pods.yaml", DnsLab.pods(1, 2, 3))
                .write(
                        "dns.yaml",
                        DnsLab.service("UDP", "TCP")
                                .replace(
                                        "  name: dns\n",
                                        "  name: dns\n  annotations: {podlb.io/udp-flows: per-datagram}\n"));
        try (LbProcess lb = dns.run(manifests);
                DnsStream outside = DnsStream.start(dns.lab().prefix("client"), Lab.NODE_ADDRESS, NODE_PORT);
                DnsStream inside = DnsStream.start(dns.lab().prefix("caller"), CLUSTER_IP, 53)) {
            List<DnsStream> streams = List.of(outside, inside);
            for (DnsStream stream : streams) {
                answeredBy(stream, ALL);
            }
            assertThat(dns.answers("client", Lab.NODE_ADDRESS, NODE_PORT)).containsExactly(ALL);

            manifests.write("pods.yaml", DnsLab.pods(1, 3));
            for (DnsStream stream : streams) {
                settles(stream, "dns-1", "dns-3");
            }
            dns.kill(2);
            for (DnsStream stream : streams) {
                answeredBy(stream, "dns-1", "dns-3");
            }

            dns.kill(3);
            for (DnsStream stream : streams) {
                assertThat(stream.count(20).lost())
                        .as("the one that the server had not read yet")
                        .isLessThanOrEqualTo(1);
                answeredBy(stream, "dns-1");
            }
            dns.startAll();
            manifests.write("pods.yaml", DnsLab.pods(1, 2, 3));
            for (DnsStream stream : streams) {
                settles(stream, ALL);
            }
            assertThat(lb.get("/metrics").out()).containsPattern("podlb_udp_flows_ended_total\\{[^}]*answered");
        }
    }

    private static void settles(DnsStream stream, String... pods) {
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> answeredBy(stream, pods));
    }

    private static void answeredBy(DnsStream stream, String... pods) {
        DnsStream.Count count = stream.count(60);
        assertThat(count.lost() + count.refused()).isZero();
        assertThat(count.pods()).containsExactly(pods);
    }
}
