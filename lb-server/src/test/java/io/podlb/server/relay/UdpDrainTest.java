package io.podlb.server.relay;

import static io.podlb.server.UdpRig.dropped;
import static io.podlb.server.UdpRig.ended;
import static io.podlb.server.UdpRig.offer;
import static io.podlb.server.UdpRig.openFlows;
import static io.podlb.server.UdpRig.rig;
import static io.podlb.server.UdpRig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.UdpRig;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import java.net.DatagramSocket;
import java.net.PortUnreachableException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of UDP flows when podlb ends. */
@Timeout(60)
class UdpDrainTest {

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void flowsGoOnAndNewClientsAreNotTaken(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpIdleTimeout(Duration.ofMillis(500)));
                UdpClient old = UdpClient.of(rig.address());
                UdpClient fresh = UdpClient.connected(rig.address())) {
            offer(rig, new FlowSpec(Duration.ofHours(1), Set.of()), one);
            String before = old.ask("please");
            var drained = rig.balancer().drain(Duration.ofMinutes(1)).toCompletableFuture();
            await().until(() -> rig.balancer().listeners().isEmpty());
            await().untilAsserted(() -> {
                fresh.send("let me in");
                assertThat(dropped(rig, "draining")).isPositive();
            });
            for (int i = 0; i < 5; i++) {
                assertThat(old.ask("please")).as("the same flow").isEqualTo(before);
            }
            assertThat(drained).isNotDone();
            assertThat(openFlows(rig)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void theLastFlowToEndFreesTheAddressAndEndsTheDrain(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpIdleTimeout(Duration.ofMillis(500)));
                UdpClient client = UdpClient.connected(rig.address())) {
            offer(rig, FlowSpec.NONE, one);
            assertThat(client.whoAnswers()).isEqualTo("one");
            var drained = rig.balancer().drain(Duration.ofMinutes(10)).toCompletableFuture();
            assertThat(drained.get(10, TimeUnit.SECONDS)).as("connections cut").isZero();
            assertThat(ended(rig, "idle-timeout")).isEqualTo(1);
            client.send("anybody?");
            assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void flowsThatAreLeftAfterTheTimeoutEnd(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            assertThat(client.whoAnswers()).isEqualTo("one");
            rig.balancer().drain(Duration.ofMillis(50)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertThat(ended(rig, "frontend-closed")).isEqualTo(1);
            new DatagramSocket(rig.address()).close(); // throws if the address is not free
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void withoutFlowsTheAddressIsFreeAtOnce(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            assertThat(client.whoAnswers()).isEqualTo("one");
            rig.apply(spec(UdpRig.frontend(rig))); // the flow is left alone, and nobody could answer its client
            rig.balancer().drain(Duration.ofMinutes(10)).toCompletableFuture().get(10, TimeUnit.SECONDS);
            new DatagramSocket(rig.address()).close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aRequestThatWaitsIsStillAnswered(String transport) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch draining = new CountDownLatch(1);
        try (UdpBackend slow = UdpBackend.running((content, port) -> {
                    asked.countDown();
                    awaitUninterruptibly(draining);
                    return Dns.answer(content, "slow");
                });
                Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.of(rig.address())) {
            offer(rig, new FlowSpec(null, Set.of(), FlowMode.PER_DATAGRAM), slow);
            client.send(Dns.request(7, "www.example.org", ""));
            asked.await();
            var drained = rig.balancer().drain(Duration.ofMinutes(10)).toCompletableFuture();
            await().until(() -> rig.balancer().listeners().isEmpty());
            assertThat(drained).isNotDone();
            draining.countDown();
            assertThat(Dns.text(client.receive())).isEqualTo("slow");
            drained.get(10, TimeUnit.SECONDS);
        } finally {
            draining.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
