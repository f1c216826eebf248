package io.podlb.e2e;

import static io.podlb.e2e.DnsLab.CLUSTER_IP;
import static io.podlb.e2e.DnsLab.NODE_PORT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Pods die, drain and are replaced under two clients that ask one DNS question after the other, each from one port all
 * the time: one outside at the node port, one in a Pod at the cluster IP.
 */
@NeedsNamespaces
@Timeout(180)
class DnsFlowsTest {

    @TempDir
    static Path shared;

    private static DnsLab dns;

    @TempDir
    Path folder;

    private Manifests manifests;
    private LbProcess lb;
    private DnsStream outside;
    private DnsStream inside;

    @BeforeAll
    static void buildTheLab() {
        dns = new DnsLab(shared);
    }

    @AfterAll
    static void removeTheLab() {
        dns.close();
    }

    @BeforeEach
    void serve() {
        dns.startAll();
        manifests = new Manifests(folder)
                .write("pods.yaml", DnsLab.pods(1, 2, 3))
                .write("dns.yaml", DnsLab.service("UDP", "TCP"));
        lb = dns.run(manifests);
        outside = DnsStream.start(dns.lab().prefix("client"), Lab.NODE_ADDRESS, NODE_PORT);
        inside = DnsStream.start(dns.lab().prefix("caller"), CLUSTER_IP, 53);
    }

    @AfterEach
    void stop() {
        inside.close();
        outside.close();
        lb.close();
    }

    @Test
    void aPodThatDiesCostsNoMoreThanWhatWasOnItsWay() {
        for (DnsStream stream : List.of(outside, inside)) {
            String dead = stream.pod();
            dns.kill(number(dead));
            DnsStream.Count moving = stream.count(20);
            assertThat(moving.lost() + moving.refused())
                    .as("one that the server had not read yet, and the one that met with nobody")
                    .isLessThanOrEqualTo(2);
            DnsStream.Count moved = stream.count(200);
            assertThat(moved.lost() + moved.refused()).isZero();
            assertThat(moved.pods()).hasSize(1).doesNotContain(dead);
            assertThat(lb.get("/metrics").out())
                    .containsPattern("podlb_backend_connect_failures_total\\{backend=\"%s:53\"[^}]*\\} [1-9]"
                            .formatted(DnsLab.address(number(dead))));
            dns.startAll();
        }
    }

    /** kube-semantics 9.3, 9.4. */
    @Test
    void aDrainedPodKeepsItsFlowsWhileItServesAndLosesNoneOfTheirQuestionsWhenItIsGone() {
        String draining = outside.pod();
        int number = number(draining);
        int[] others =
                IntStream.rangeClosed(1, DnsLab.PODS).filter(i -> i != number).toArray();
        List<String> pods = new ArrayList<>(List.of(DnsLab.pods(others)));
        pods.add(DnsLab.terminating(number));
        manifests.write("pods.yaml", pods.toArray(new String[0]));
        inEffect(others);
        DnsStream.Count kept = outside.count(200);
        assertThat(kept.lost() + kept.refused()).isZero();
        assertThat(kept.pods()).as("9.4: it still serves").containsExactly(draining);
        assertThat(dns.answers("client", Lab.NODE_ADDRESS, NODE_PORT))
                .as("new flows go elsewhere")
                .hasSize(2)
                .doesNotContain(draining);

        manifests.write("pods.yaml", DnsLab.pods(others));
        moves(outside, draining);
        dns.kill(number);
        DnsStream.Count after = outside.count(200);
        assertThat(after.lost() + after.refused()).as("9.3: the flow had moved").isZero();
        assertThat(after.pods()).hasSize(1).doesNotContain(draining);
    }

    /** A rolling update: one Pod after the other is taken out, ends, starts anew and is put back. */
    @Test
    void podsThatAreReplacedOneAfterTheOtherCostNoAnswer() {
        for (int leaving = 1; leaving <= DnsLab.PODS; leaving++) {
            int gone = leaving;
            int[] others =
                    IntStream.rangeClosed(1, DnsLab.PODS).filter(i -> i != gone).toArray();
            manifests.write("pods.yaml", DnsLab.pods(others));
            inEffect(others);
            for (DnsStream stream : List.of(outside, inside)) {
                moves(stream, DnsLab.name(gone));
            }
            dns.kill(gone);
            for (DnsStream stream : List.of(outside, inside)) {
                DnsStream.Count count = stream.count(100);
                assertThat(count.lost() + count.refused()).isZero();
                assertThat(count.pods()).hasSize(1).doesNotContain(DnsLab.name(gone));
            }
            dns.start(gone);
            manifests.write("pods.yaml", DnsLab.pods(1, 2, 3));
            inEffect(1, 2, 3);
        }
        for (DnsStream stream : List.of(outside, inside)) {
            DnsStream.Count count = stream.count(100);
            assertThat(count.lost() + count.refused()).isZero();
            assertThat(count.pods()).as("an endpoint more moves no flow").hasSize(1);
        }
    }

    /** kube-semantics 9.8. */
    @Test
    void aClientThatKeptAskingIsServedOnceAPodIsThere() {
        outside.pod();
        inside.pod();
        manifests.delete("pods.yaml");
        for (DnsStream stream : List.of(outside, inside)) {
            await().atMost(Duration.ofSeconds(20)).until(() -> {
                DnsStream.Count count = stream.count();
                return count.refused() > 0 && count.answered() == 0;
            });
        }
        manifests.write("pods.yaml", DnsLab.pods(2));
        inEffect(2);
        for (DnsStream stream : List.of(outside, inside)) {
            stream.count(20);
            DnsStream.Count count = stream.count(100);
            assertThat(count.lost() + count.refused()).isZero();
            assertThat(count.pods()).containsExactly("dns-2");
        }
    }

    /** Waits until a client is answered by another Pod; it loses nothing meanwhile. */
    private static void moves(DnsStream stream, String from) {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            DnsStream.Count count = stream.count();
            assertThat(count.lost() + count.refused()).isZero();
            return count.answered() > 0 && !count.pods().contains(from);
        });
    }

    /** Waits until these Pods and no others are offered to new flows. */
    private void inEffect(int... pods) {
        Set<String> expected = new TreeSet<>();
        IntStream.of(pods).forEach(pod -> expected.add(DnsLab.address(pod)));
        await().atMost(Duration.ofSeconds(20)).until(() -> offered().equals(expected));
    }

    private Set<String> offered() {
        Set<String> addresses = new TreeSet<>();
        for (JsonNode port : lb.service("dns").get("ports")) {
            for (JsonNode frontend : port.get("frontends")) {
                for (JsonNode endpoint : frontend.get("endpoints")) {
                    addresses.add(endpoint.get("address").asString());
                }
            }
        }
        return addresses;
    }

    private static int number(String pod) {
        return Integer.parseInt(pod.substring("dns-".length()));
    }
}
