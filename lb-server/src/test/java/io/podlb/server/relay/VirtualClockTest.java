package io.podlb.server.relay;

import static io.podlb.server.relay.Records.outcomes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.BlackHole;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.UdpRig;
import io.podlb.server.VirtualClock;
import io.podlb.server.balance.PickReason;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What takes hours, on a clock that is moved by hand. */
@Timeout(60)
class VirtualClockTest {

    private final VirtualClock clock = new VirtualClock();
    private final Records records = new Records();

    private LoadBalancerConfig.Builder config(String transport) {
        return LoadBalancerConfig.builder().transport(transport).ticker(clock).observer(records);
    }

    private static void exchange(Socket client) throws IOException {
        client.getOutputStream().write(1);
        assertThat(client.getInputStream().read()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aConnectionThatIsIdleForAnHourIsResetThenAndNotBefore(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config(transport), echo);
                Socket client = rig.connect()) {
            exchange(client);
            clock.advance(Duration.ofMinutes(59));
            exchange(client);
            clock.advance(Duration.ofHours(1).minusMillis(100));
            assertThat(records.connections()).isEmpty();
            clock.advance(Duration.ofMillis(200));
            assertThat(records.connections())
                    .extracting(ConnectionView::endReason)
                    .containsExactly(EndReason.IDLE_TIMEOUT);
            assertThat(Duration.ofMillis(records.connections().get(0).millis()))
                    .isBetween(Duration.ofMinutes(119), Duration.ofMinutes(119).plusMillis(200));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aConnectionOfWhichOneSideHasFinishedWaitsAMinuteForTheOther(String transport) throws Exception {
        CountDownLatch finished = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Backends.Script silent = socket -> {
            socket.getInputStream().readAllBytes();
            finished.countDown();
            awaitUninterruptibly(over);
        };
        try (Backends backend = Backends.running(silent);
                Rig rig = Rig.start(config(transport), backend);
                Socket client = rig.connect()) {
            client.shutdownOutput();
            assertThat(finished.await(10, TimeUnit.SECONDS)).isTrue();
            clock.advance(Duration.ofSeconds(59));
            assertThat(records.connections()).isEmpty();
            clock.advance(Duration.ofSeconds(2));
            assertThat(records.connections())
                    .extracting(ConnectionView::endReason)
                    .containsExactly(EndReason.HALF_CLOSED_TIMEOUT);
            over.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the backend is closed, which ends the script
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClientIsRememberedForThreeHours(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(config(transport))) {
            rig.shaped(spec -> new ServicePortSpec(
                            spec.name(),
                            spec.frontends(),
                            "round-robin",
                            Duration.ofHours(3),
                            spec.cluster(),
                            spec.local()))
                    .offer(one.spec(), two.spec());
            String first = rig.ask();
            for (int i = 0; i < 5; i++) {
                clock.advance(Duration.ofHours(3).minusSeconds(1));
                assertThat(rig.ask()).isEqualTo(first);
            }
            clock.advance(Duration.ofHours(3).plusSeconds(1));
            assertThat(rig.ask()).as("its turn").isNotEqualTo(first);
            assertThat(records.connections(7))
                    .extracting(view -> view.pickReason() instanceof PickReason.Affinity)
                    .containsExactly(false, true, true, true, true, true, false);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aDrainLastsAsLongAsItMay(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config(transport), echo);
                Socket client = rig.connect()) {
            exchange(client);
            CompletableFuture<Integer> drained =
                    rig.balancer().drain(Duration.ofMinutes(10)).toCompletableFuture();
            clock.settle();
            clock.advance(Duration.ofMinutes(9));
            exchange(client);
            assertThat(drained).isNotDone();
            clock.advance(Duration.ofMinutes(1));
            assertThat(drained.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(records.connections())
                    .extracting(ConnectionView::endReason)
                    .containsExactly(EndReason.SHUTDOWN);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anEjectedBackendIsTriedAgainWhenItsTimeIsOver(String transport) throws Exception {
        BackendSpec dead = Backends.refusing();
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(config(transport))) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withEjection(new Ejection(1))))
                    .offer(dead, one.spec());
            Set<String> answers = new HashSet<>(List.of(rig.ask(), rig.ask()));
            clock.settle(); // the control thread ejects
            try (Backends two = Backends.saying(dead.address().port(), "two")) {
                clock.advance(Duration.ofSeconds(23)); // 30 s, a fifth more or less
                for (int i = 0; i < 10; i++) {
                    answers.add(rig.ask());
                }
                assertThat(answers).containsExactly("one");
                clock.advance(Duration.ofSeconds(14));
                assertThat(rig.ask()).isEqualTo("two");
                assertThat(records.connections(13).get(12).pickReason()).isInstanceOf(PickReason.Trial.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aNewBackendHasItsWholeShareAfterTheSlowStart(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(config(transport))) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withSlowStart(Duration.ofSeconds(30))))
                    .offer(one.spec());
            rig.offer(one.spec(), two.spec());
            assertThat(Collections.frequency(ask(rig, 22), "two")).as("a tenth").isBetween(1, 4);
            clock.advance(Duration.ofSeconds(31));
            assertThat(Collections.frequency(ask(rig, 20), "two")).isEqualTo(10);
        }
    }

    private static List<String> ask(Rig rig, int times) {
        return IntStream.range(0, times)
                .mapToObj(i -> {
                    try {
                        return rig.ask();
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anOldConnectionIsAskedToEnd(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(
                        config(transport).idleTimeout(Duration.ofDays(1)).halfClosedTimeout(Duration.ofDays(1)))) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withMaxConnectionAge(Duration.ofHours(10))))
                    .offer(echo.spec());
            try (Socket client = rig.connect()) {
                exchange(client);
                clock.advance(Duration.ofHours(9).minusSeconds(1)); // a tenth more or less
                exchange(client);
                clock.advance(Duration.ofHours(2).plusSeconds(2));
                assertThat(client.getInputStream().read()).as("FIN").isEqualTo(-1);
            }
            assertThat(records.connections(1).get(0).endReason()).isEqualTo(EndReason.AGED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aConnectThatIsNotAnsweredTakesASecond(String transport) throws Exception {
        try (BlackHole hole = BlackHole.open();
                Rig rig = Rig.start(config(transport))) {
            rig.offer(hole.spec());
            try (Socket client = rig.connect()) {
                await().until(() -> rig.connections().size() == 1);
                clock.advance(Duration.ofMillis(900));
                assertThat(records.connections()).isEmpty();
                clock.advance(Duration.ofMillis(200));
                assertThat(records.connections())
                        .extracting(view -> outcomes(view.tries()))
                        .containsExactly(List.of("timed-out"));
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFlowOfUdpThatIsIdleEnds(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(config(transport))) {
            rig.apply(UdpRig.spec(UdpRig.frontend(rig), one.spec()));
            try (UdpClient client = UdpClient.of(rig.address())) {
                assertThat(client.whoAnswers()).isEqualTo("one");
                clock.advance(Duration.ofSeconds(29));
                assertThat(client.whoAnswers()).isEqualTo("one");
                clock.advance(Duration.ofSeconds(29));
                assertThat(records.flows()).isEmpty();
                clock.advance(Duration.ofSeconds(2));
                assertThat(records.flows()).extracting(FlowView::end).containsExactly(FlowEnd.IDLE_TIMEOUT);
            }
        }
    }

    /** A machine that was suspended, as its clock may show it. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aJumpOfYearsCutsNothingThatIsNotDue(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config(transport).idleTimeout(Duration.ofDays(100 * 365)), echo);
                Socket client = rig.connect()) {
            exchange(client);
            for (int i = 0; i < 3; i++) {
                clock.advance(Duration.ofDays(20 * 365));
                exchange(client);
            }
            assertThat(records.connections()).isEmpty();
        }
    }

    @Test
    void anEventLoopCannotWaitForItself() throws Exception {
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        ConnectionObserver waits = view -> {
            try {
                clock.settle();
            } catch (IllegalStateException e) {
                thrown.complete(e);
            }
        };
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(config(null).observer(waits), one)) {
            rig.ask();
            assertThat(thrown.get(10, TimeUnit.SECONDS)).hasMessageContaining("cannot wait for itself");
        }
        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
    }
}
