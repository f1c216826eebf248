package io.podlb.e2e;

import static io.podlb.e2e.DnsLab.CLUSTER_IP;
import static io.podlb.e2e.DnsLab.NODE_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A DNS Service, UDP and TCP on the same numbers, as a cluster has one: dnsmasq in Pods, asked by dig. */
@NeedsNamespaces
@Timeout(180)
class DnsTest {

    private static final Pattern SIZE = Pattern.compile("MSG SIZE +rcvd: (\\d+)");
    private static final String[] ALL = {"dns-1", "dns-2", "dns-3"};

    @TempDir
    static Path shared;

    private static DnsLab dns;

    @TempDir
    Path folder;

    @BeforeAll
    static void buildTheLab() {
        dns = new DnsLab(shared);
    }

    @AfterAll
    static void removeTheLab() {
        dns.close();
    }

    /** kube-semantics 23, service.go: same port number for TCP and UDP; removing one stops only that one. */
    @Test
    void bothProtocolsAreServedOnTheSameNumbersAndEachGoesWithoutTheOther() {
        Manifests manifests = new Manifests(folder)
                .write("pods.yaml", DnsLab.pods(1, 2, 3))
                .write("dns.yaml", DnsLab.service("UDP", "TCP"));
        try (LbProcess lb = dns.run(manifests)) {
            everyPodAnswers("+notcp");
            everyPodAnswers("+tcp");
            try (DnsStream stream = DnsStream.start(dns.lab().prefix("client"), Lab.NODE_ADDRESS, NODE_PORT)) {
                String pod = stream.pod();
                manifests.write("dns.yaml", DnsLab.service("UDP"));
                nobodyAnswers("+tcp");
                manifests.write("dns.yaml", DnsLab.service("UDP", "TCP"));
                await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> everyPodAnswers("+tcp"));
                DnsStream.Count count = stream.count(100);
                assertThat(count.lost() + count.refused()).as("UDP without TCP").isZero();
                assertThat(count.pods()).as("the flow stays").containsExactly(pod);
            }
            manifests.write("dns.yaml", DnsLab.service("TCP"));
            nobodyAnswers("+notcp");
            everyPodAnswers("+tcp");
            assertThat(lb.isAlive()).isTrue();
        }
    }

    private static void everyPodAnswers(String transport) {
        assertThat(dns.answers("client", Lab.NODE_ADDRESS, NODE_PORT, transport))
                .as("node port, from outside")
                .containsExactly(ALL);
        assertThat(dns.answers("caller", CLUSTER_IP, 53, transport))
                .as("cluster IP, from a Pod")
                .containsExactly(ALL);
        assertThat(dns.answers("node", CLUSTER_IP, 53, transport))
                .as("cluster IP, from the node")
                .containsExactly(ALL);
    }

    private static void nobodyAnswers(String transport) {
        dns.refused("client", Lab.NODE_ADDRESS, NODE_PORT, transport);
        dns.refused("caller", CLUSTER_IP, 53, transport);
    }

    @Test
    void largeAnswersArriveWholeAndTruncatedOnesAreAskedForOverTcp() {
        Manifests manifests = new Manifests(folder)
                .write("pods.yaml", DnsLab.pods(1, 2, 3))
                .write("dns.yaml", DnsLab.service("UDP", "TCP"));
        try (LbProcess lb = dns.run(manifests)) {
            large("client", Lab.NODE_ADDRESS, NODE_PORT);
            large("caller", CLUSTER_IP, 53);
            assertThat(lb.isAlive()).isTrue();
        }
    }

    private static void large(String from, String address, int port) {
        String whole = big(from, address, port, "+bufsize=4096", "+ignore");
        assertThat(whole).as("in fragments").contains("(UDP)").doesNotContainPattern("flags:[a-z ]* tc");
        assertThat(size(whole)).isGreaterThan(DnsLab.BIG_ANSWER);

        String cut = big(from, address, port, "+bufsize=1232", "+ignore");
        assertThat(cut).contains("(UDP)").containsPattern("flags:[a-z ]* tc");
        assertThat(size(cut)).isLessThanOrEqualTo(1232);

        String again = big(from, address, port, "+bufsize=1232");
        assertThat(again).contains("Truncated, retrying in TCP mode").contains("(TCP)");
        assertThat(size(again)).isGreaterThan(DnsLab.BIG_ANSWER);
    }

    private static String big(String from, String address, int port, String... options) {
        Shell answer = dns.dig(
                from, ("-p " + port + " @" + address + " " + String.join(" ", options) + " TXT big.lab").split(" "));
        assertThat(answer.exit()).as(answer.out()).isZero();
        return answer.out();
    }

    private static int size(String answer) {
        Matcher matcher = SIZE.matcher(answer);
        assertThat(matcher.find()).as(answer).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void aNodeDaemonServesDnsAndAFlowLeavesAPodThatIsGone() {
        try (ApiProcess api =
                ApiProcess.start(dns.lab().prefix("api"), dns.lab().addControlPlane(), 6443)) {
            api.put(DnsLab.service("UDP", "TCP"));
            api.put(slice(1, 2, 3));
            try (LbProcess lb = dns.start(List.of("node", "--node-name", "n0", "--master", api.url()));
                    DnsStream stream = DnsStream.start(dns.lab().prefix("client"), Lab.NODE_ADDRESS, NODE_PORT)) {
                everyPodAnswers("+notcp");
                everyPodAnswers("+tcp");
                String pod = stream.pod();
                double before = effects(lb);
                api.put(slice(IntStream.rangeClosed(1, DnsLab.PODS)
                        .filter(i -> !DnsLab.name(i).equals(pod))
                        .toArray()));
                await().atMost(Duration.ofSeconds(20)).until(() -> effects(lb) > before);
                assertThat(stream.count().lost())
                        .as("while the change was made")
                        .isZero();
                DnsStream.Count count = stream.count(100);
                assertThat(count.lost() + count.refused()).isZero();
                assertThat(count.pods()).hasSize(1).doesNotContain(pod);
                assertThat(dns.answers("caller", CLUSTER_IP, 53)).hasSize(2).doesNotContain(pod);
                api.put(DnsLab.service("TCP"));
                nobodyAnswers("+notcp");
            }
        }
    }

    /** How many changes are in effect, as {@code podlb_update_to_effect_seconds} counts them. */
    private static double effects(LbProcess lb) {
        Matcher matcher = Pattern.compile("podlb_update_to_effect_seconds_count(?:\\{[^}]*\\})? (\\S+)")
                .matcher(lb.get("/metrics").out());
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : 0;
    }

    private static String slice(int... pods) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  namespace: default
                  name: dns-1
                  labels:
                    kubernetes.io/service-name: dns
                addressType: IPv4
                ports:
                  - {name: udp, port: 53, protocol: UDP}
                  - {name: tcp, port: 53, protocol: TCP}
                endpoints: %s
                """.formatted(IntStream.of(pods)
                .mapToObj(
                        i -> "{addresses: [%s], conditions: {ready: true}, nodeName: n0}".formatted(DnsLab.address(i)))
                .collect(Collectors.joining(", ", "[", "]")));
    }
}
