package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.UdpRig;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults of UDP, seen by a backend that writes down what it gets. */
@Timeout(60)
class UdpFaultTest {

    private final List<String> got = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void theSameSeedLosesTheSameDatagrams(String transport) throws Exception {
        List<String> first = run(transport, "loss=40%; to=backend", 30);
        assertThat(first).hasSizeBetween(10, 26).doesNotHaveDuplicates();
        assertThat(run(transport, "loss=40%; to=backend", 30)).isEqualTo(first);
        assertThat(run(transport, "loss=41%; to=backend", 30))
                .as("another rule")
                .isNotEqualTo(first);
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aDuplicateFollowsItsOriginal(String transport) throws Exception {
        assertThat(run(transport, "duplicate=100%; to=backend", 3)).containsExactly("0", "0", "1", "1", "2", "2");
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachDatagramIsOvertakenByTheNext(String transport) throws Exception {
        assertThat(run(transport, "reorder=100%; to=backend", 6)).containsExactly("1", "0", "3", "2", "5", "4");
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void faultsAddUp(String transport) throws Exception {
        assertThat(run(transport, "duplicate=100%; to=backend | latency=20ms; to=backend", 2))
                .containsExactlyInAnyOrder("0", "0", "1", "1");
    }

    /** Nothing follows that would overtake it. */
    @Test
    void aLastDatagramIsNotHeldForEver() throws Exception {
        assertThat(run("nio", "reorder=100%; to=backend", 1)).containsExactly("0");
    }

    @Test
    void answersMeetFaultsToo() throws Exception {
        try (UdpBackend echo = UdpBackend.echo();
                Rig rig = UdpRig.rig("nio", echo);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.balancer().faults(FaultSet.parse("latency=30ms; to=client | duplicate=100%; to=client"));
            assertThat(client.ask("x")).isEqualTo("x");
            assertThat(client.receive()).isEqualTo("x".getBytes(StandardCharsets.UTF_8));
            assertThat(UdpRig.counter(rig, "podlb_faults_total", "fault=latency"))
                    .isEqualTo(2);
        }
    }

    @Test
    void flowsThatEndWhileDatagramsWaitLeaveNone() throws Exception {
        try (UdpBackend echo = UdpBackend.echo();
                Rig rig = UdpRig.rig("nio", echo);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.balancer().faults(FaultSet.parse("latency=1h"));
            client.send("x");
            await().until(() -> UdpRig.counter(rig, "podlb_faults_total", "fault=latency") == 1);
        } // and no buffer is left, which is looked at after every test
    }

    @Test
    void aRequestThatIsBalancedOnItsOwnEndsWithItsLastAnswer() throws Exception {
        try (UdpBackend dns = UdpBackend.running((content, port) -> Dns.answer(content, "10.0.0.1"));
                Rig rig = UdpRig.offer(Rig.start("nio"), new FlowSpec(null, Set.of(), FlowMode.PER_DATAGRAM), dns);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.balancer().faults(FaultSet.parse("latency=30ms | duplicate=100%; to=client"));
            client.send(Dns.request(7, "a.example", ""));
            byte[] answer = client.receive();
            assertThat(Dns.id(answer)).isEqualTo(7);
            assertThat(client.receive()).isEqualTo(answer);
            await().until(() -> UdpRig.ended(rig, "answered") == 1);
        }
    }

    /** What a backend gets of numbered datagrams that one client sends. */
    private List<String> run(String transport, String rules, int datagrams) throws Exception {
        got.clear();
        try (UdpBackend backend = UdpBackend.running((content, port) -> {
                    got.add(new String(content, StandardCharsets.UTF_8));
                    return null;
                });
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).random(RandomSource.seeded(3)));
                UdpClient client = UdpClient.of(rig.address())) {
            UdpRig.offer(rig, FlowSpec.NONE, backend);
            rig.balancer().faults(FaultSet.parse(rules));
            for (int i = 0; i < datagrams; i++) {
                client.send(Integer.toString(i));
            }
            await().pollDelay(java.time.Duration.ZERO).until(() -> settled(rig, datagrams));
            return List.copyOf(got);
        }
    }

    /** Every datagram of the client is lost or was sent, as often as it should, and has arrived. */
    private boolean settled(Rig rig, int datagrams) {
        long lost = UdpRig.dropped(rig, "fault");
        long twice = UdpRig.counter(rig, "podlb_faults_total", "fault=duplicate");
        long sent = UdpRig.counter(rig, "podlb_udp_datagrams_total", "direction=to-backend");
        return lost + sent == datagrams + twice && got.size() == sent;
    }
}
