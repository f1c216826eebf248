package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams from forged sources fill the flow table of a node; who was served before is served on. */
@NeedsNamespaces
@Timeout(180)
class UdpFloodTest {

    private static final int FLOOD_PORT = 30099;
    private static final int SOURCES = 100_000;

    @TempDir
    Path folder;

    private DnsLab dns;

    @BeforeEach
    void buildTheLab() {
        dns = new DnsLab(folder);
        dns.lab().in("client", "ip", "route", "add", "local", "10.200.0.0/16", "dev", "lo");
        dns.lab().in("node", "ip", "route", "add", "10.200.0.0/16", "via", "192.168.77.2");
    }

    @AfterEach
    void removeTheLab() {
        dns.close();
    }

    @Test
    void aFloodFromForgedSourcesCostsOthersNoAnswer() throws IOException {
        Manifests manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                .write("pods.yaml", DnsLab.pods(1, 2, 3))
                .write("dns.yaml", DnsLab.service("UDP", "TCP"))
                .write("flooded.yaml", """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: flooded}
                        spec:
                          type: NodePort
                          ports: [{port: 99, protocol: UDP, nodePort: %d}]
                        ---
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        metadata: {name: flooded-1, labels: {kubernetes.io/service-name: flooded}}
                        addressType: IPv4
                        ports: [{port: 53, protocol: UDP}]
                        endpoints: [{addresses: [%s]}]
                        """.formatted(FLOOD_PORT, DnsLab.address(1)));
        // One table for all, which the flood fills many times over.
        try (LbProcess lb = dns.run(manifests, "--event-loops", "1", "--udp-max-flows", "2000");
                DnsStream stream = DnsStream.start(dns.lab().prefix("caller"), DnsLab.CLUSTER_IP, 53)) {
            String pod = stream.pod();
            Process flood = flood();
            int asked = 0;
            while (flood.isAlive()) {
                assertThat(dns.answers("caller", DnsLab.CLUSTER_IP, 53, "+tries=5", "+time=2"))
                        .isNotEmpty();
                asked += 40;
            }
            assertThat(flood.inputReader().readLine()).isEqualTo(Integer.toString(SOURCES));
            assertThat(asked).isPositive();
            DnsStream.Count count = stream.count(100);
            assertThat(count.lost() + count.refused()).isZero();
            assertThat(count.pods()).as("its flow was not displaced").containsExactly(pod);
            assertThat(metric(
                            lb,
                            "podlb_udp_flows_ended_total\\{[^}]*reason=\"evicted\"[^}]*service=\"flooded\"[^}]*\\}"))
                    .as("the flood displaced its own flows")
                    .isGreaterThan(2_000);
            assertThat(metric(lb, "podlb_udp_flows_open\\{[^}]*service=\"flooded\"[^}]*\\}"))
                    .isLessThanOrEqualTo(2_000);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(lb.get("/readyz").exit()).isZero());
        }
    }

    private Process flood() throws IOException {
        List<String> command = new ArrayList<>(dns.lab().prefix("client"));
        command.addAll(List.of(
                LbProcess.java(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                UdpFloodMain.class.getName(),
                Lab.NODE_ADDRESS,
                Integer.toString(FLOOD_PORT),
                Integer.toString(SOURCES)));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static double metric(LbProcess lb, String name) {
        String metrics = lb.get("/metrics").out();
        Matcher matcher = Pattern.compile(name + " (\\S+)").matcher(metrics);
        assertThat(matcher.find()).as(name + " in " + metrics).isTrue();
        return Double.parseDouble(matcher.group(1));
    }
}
