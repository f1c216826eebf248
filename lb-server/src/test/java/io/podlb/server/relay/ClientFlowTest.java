package io.podlb.server.relay;

import static io.podlb.server.UdpRig.LABELS;
import static io.podlb.server.UdpRig.NAME;
import static io.podlb.server.UdpRig.descriptors;
import static io.podlb.server.UdpRig.ended;
import static io.podlb.server.UdpRig.frontend;
import static io.podlb.server.UdpRig.rig;
import static io.podlb.server.UdpRig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortSpec;
import java.net.PortUnreachableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Flows per client over real sockets: which backend they have, how long, and what ends them. */
@Timeout(60)
class ClientFlowTest {

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachClientPortIsAFlowAndThePolicySpreadsThem(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                UdpBackend three = UdpBackend.saying("three");
                Rig rig = rig(transport, one, two, three)) {
            List<String> names = new ArrayList<>();
            Set<String> ports = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    String first = client.ask("");
                    assertThat(client.ask(""))
                            .as("the same backend, from the same port")
                            .isEqualTo(first);
                    names.add(first.split(" ")[0]);
                    ports.add(first.split(" ")[1]);
                }
            }
            assertThat(names.subList(0, 3)).containsExactlyInAnyOrder("one", "two", "three");
            assertThat(names.subList(3, 6)).isEqualTo(names.subList(0, 3));
            assertThat(ports).hasSize(6);
            assertThat(rig.counter("podlb_picks_total" + LABELS + "}")).isEqualTo(6);
        }
    }

    @Test
    void withAffinityAClientAddressStaysWithItsBackend() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = Rig.start((String) null)) {
            rig.apply(new ServicePortSpec(
                    NAME,
                    List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec())),
                    "round-robin",
                    Duration.ofHours(1),
                    List.of(one.spec(), two.spec()),
                    List.of()));
            Set<String> names = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    names.add(client.whoAnswers());
                }
            }
            assertThat(names).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anIdleFlowEndsAndTheNextDatagramBeginsAnother(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpIdleTimeout(Duration.ofMillis(100)));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), one.spec()));
            assertThat(client.whoAnswers()).isEqualTo("one");
            await().until(() -> ended(rig, "idle-timeout") == 1);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isZero();
            assertThat(client.whoAnswers()).isEqualTo("one");
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(2);
        }
    }

    @Test
    void aServicePortMayHaveAnIdleTimeoutOfItsOwn() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(LoadBalancerConfig.builder().udpIdleTimeout(Duration.ofHours(1)));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(
                    spec(frontend(rig), new FlowSpec(Duration.ofMillis(100), Set.of()), List.of(one.spec()), "random"));
            assertThat(client.whoAnswers()).isEqualTo("one");
            await().until(() -> ended(rig, "idle-timeout") == 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFloodDisplacesItsOwnFlowsAndNotAnsweredOnes(String transport) throws Exception {
        List<UdpClient> forged = new ArrayList<>();
        try (UdpBackend one = UdpBackend.sayingIfAsked("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpMaxFlows(8));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), one.spec()));
            String before = client.ask("please");
            long descriptors = descriptors();
            for (int i = 0; i < 500; i++) {
                UdpClient another = UdpClient.of(rig.address());
                forged.add(another); // open to the end, so that no two have the same port
                another.send("flood");
                if (i % 50 == 49) { // no faster than the kernel's buffer allows, so that every one is seen
                    long begun = i + 2;
                    await().until(() -> rig.counter("podlb_udp_flows_total" + LABELS + "}") == begun);
                }
            }
            assertThat(client.ask("please"))
                    .as("the flow from before, same port")
                    .isEqualTo(before);
            await().until(() -> ended(rig, "evicted") == 501 - 8);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isEqualTo(8);
            await().untilAsserted(
                            () -> assertThat(descriptors() - forged.size()).isLessThanOrEqualTo(descriptors + 8));
        } finally {
            forged.forEach(UdpClient::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void portUnreachableMovesTheFlowWithItsDatagram(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(transport)) {
            rig.apply(spec(frontend(rig), UdpBackend.refusing(), UdpBackend.refusing(), one.spec()));
            for (int i = 0; i < 10; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    assertThat(client.whoAnswers()).isEqualTo("one");
                    assertThat(client.whoAnswers()).isEqualTo("one");
                }
            }
            assertThat(rig.counter("podlb_connect_retries_total" + LABELS + "}"))
                    .isPositive();
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFlowEndsWhenNobodyIsLeftToTry(String transport) throws Exception {
        try (Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), UdpBackend.refusing(), UdpBackend.refusing()));
            client.send("anybody?");
            await().until(() -> ended(rig, "connect-failed") == 1);
            assertThat(rig.counter("podlb_connect_attempts_total" + LABELS + "}"))
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aBackendThatDiesAfterItAnsweredIsLeft(String transport) throws Exception {
        UdpBackend one = UdpBackend.saying("one");
        try (UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            assertThat(client.whoAnswers()).isEqualTo("one");
            rig.apply(spec(frontend(rig), one.spec(), two.spec()));
            one.close();
            client.send("lost with the backend");
            await().until(() -> rig.counter("podlb_connect_retries_total" + LABELS + "}") == 1);
            assertThat(client.whoAnswers()).isEqualTo("two");
        } finally {
            one.close();
        }
    }

    /** Kube-semantics 9.3, 9.7. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void theNextDatagramFromTheSamePortLeavesABackendThatIsGone(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            for (int round = 0; round < 5; round++) {
                assertThat(client.whoAnswers()).isEqualTo("one");
                rig.apply(spec(frontend(rig), two.spec()));
                assertThat(client.whoAnswers()).isEqualTo("two");
                rig.apply(spec(frontend(rig), one.spec()));
            }
            await().until(() -> ended(rig, "stale") == 10);
        }
    }

    /** Nothing is lost of what was asked before a change, however the answers and the change meet. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anAnswerThatIsUnderWayArrivesAfterItsBackendIsGone(String transport) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (UdpBackend slow = UdpBackend.running((content, port) -> {
                    asked.countDown();
                    awaitUninterruptibly(gone);
                    return "slow".getBytes(StandardCharsets.UTF_8);
                });
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, slow);
                UdpClient client = UdpClient.of(rig.address())) {
            client.send("please");
            asked.await();
            rig.apply(spec(frontend(rig), two.spec()));
            gone.countDown();
            assertThat(client.receive()).asString().isEqualTo("slow");
            assertThat(client.whoAnswers()).isEqualTo("two");
        } finally {
            gone.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kube-semantics 9.4. */
    @Test
    void aFlowStaysWithABackendThatTerminatesAndServes() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(null, one);
                UdpClient old = UdpClient.of(rig.address());
                UdpClient fresh = UdpClient.of(rig.address())) {
            String before = old.ask("");
            FlowSpec oneServes = new FlowSpec(null, Set.of(one.spec().address()));
            rig.apply(spec(frontend(rig), oneServes, List.of(two.spec()), "random"));
            assertThat(old.ask("")).isEqualTo(before);
            assertThat(fresh.whoAnswers()).isEqualTo("two");
            rig.apply(spec(frontend(rig), FlowSpec.NONE, List.of(two.spec()), "random"));
            assertThat(old.whoAnswers()).as("it serves no longer").isEqualTo("two");
        }
    }

    /** Kube-semantics 5.2, 9.5, 9.8. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whileNothingServesClientsAreToldAndFlowsAreLeftAlone(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.connected(rig.address())) {
            String before = client.ask("please");
            rig.apply(spec(frontend(rig)));
            assertThat(rig.listener().state()).isEqualTo(State.EMPTY);
            client.send("anybody?");
            assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isEqualTo(1);

            rig.apply(spec(frontend(rig), one.spec()));
            assertThat(client.ask("please")).as("back again: the same flow").isEqualTo(before);

            rig.apply(spec(frontend(rig)));
            rig.apply(spec(frontend(rig), two.spec()));
            assertThat(client.whoAnswers()).isEqualTo("two");
        }
    }
}
