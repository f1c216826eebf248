package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.BlackHole;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ejection and the budget of retries, seen by clients over real sockets. */
@Timeout(120)
class EjectionRelayTest {

    private static final String LABELS = "{namespace=default,service=web,port=,protocol=TCP,family=IPv4}";

    private final AtomicLong skipped = new AtomicLong();
    private volatile boolean frozen;

    /** The real clock, which a test may put forward. */
    private LoadBalancerConfig.Builder config() {
        var system = io.netty.util.concurrent.Ticker.systemTicker();
        return LoadBalancerConfig.builder().ticker(new io.netty.util.concurrent.Ticker() {
            @Override
            public long initialNanoTime() {
                return system.initialNanoTime();
            }

            @Override
            public long nanoTime() {
                return (frozen ? system.initialNanoTime() : system.nanoTime()) + skipped.get();
            }

            @Override
            public void sleep(long delay, java.util.concurrent.TimeUnit unit) {
                throw new UnsupportedOperationException();
            }
        });
    }

    private void skip(Duration time) {
        skipped.addAndGet(time.toNanos());
    }

    private static Rig ejecting(Rig rig) {
        return rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withEjection(new Ejection(3))));
    }

    private static void awaitEjected(Rig rig, long count) {
        await().atMost(Duration.ofSeconds(10)).until(() -> rig.counter("podlb_backends_ejected" + LABELS) == count);
    }

    @Test
    void oneOfThreePodsIsABlackHoleAndThreeConnectionsNoticeInAll() throws Exception {
        int clients = 300;
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                BlackHole hole = BlackHole.open();
                Rig rig = Rig.start(config().connectTimeout(Duration.ofMillis(300)))) {
            ejecting(rig).offer(one.spec(), hole.spec(), two.spec());
            for (int i = 0; i < clients; i++) {
                assertThat(rig.ask()).isIn("one", "two");
            }
            awaitEjected(rig, 1);
            long retries = rig.counter("podlb_connect_retries_total" + LABELS);
            System.out.println(clients + " clients, one of three Pods a black hole: 0 failed, " + retries
                    + " waited for one try of 300 ms, none for two");
            // Three failures eject it; a few more may pick it while the control thread is at it.
            assertThat(retries).isBetween(3L, 6L);
            assertThat(rig.connections()).allMatch(view -> view.attempts() <= 2);
            assertThat(rig.counter("podlb_connections_failed_total" + LABELS)).isZero();
        }
    }

    @Test
    void allPodsRefuseAndOnceTheyAreBackNoClientFailsAnyMore() throws Exception {
        Backends[] pods = {Backends.saying("a"), Backends.saying("b"), Backends.saying("c"), Backends.saying("d")};
        BackendSpec[] specs = java.util.Arrays.stream(pods).map(Backends::spec).toArray(BackendSpec[]::new);
        try (Rig rig = Rig.start(config().connectAttempts(2))) {
            ejecting(rig).offer(specs);
            assertThat(rig.ask()).isIn("a", "b", "c", "d");
            for (Backends pod : pods) {
                pod.close();
            }
            int failed = 40;
            for (int i = 0; i < failed; i++) {
                assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            }
            awaitEjected(rig, 2);
            int served = 0;
            Backends[] again = new Backends[pods.length];
            try {
                for (int i = 0; i < again.length; i++) {
                    again[i] = Backends.saying(specs[i].address().port(), "back");
                }
                for (; served < 40; served++) {
                    assertThat(rig.ask()).isEqualTo("back");
                }
                assertThat(again[0].accepted() + again[1].accepted() + again[2].accepted() + again[3].accepted())
                        .isEqualTo(40);
                skip(Duration.ofSeconds(37));
                await().atMost(Duration.ofSeconds(20)).until(() -> {
                    assertThat(rig.ask()).isEqualTo("back");
                    return rig.counter("podlb_backends_ejected" + LABELS) == 0;
                });
            } finally {
                for (Backends pod : again) {
                    pod.close();
                }
            }
            System.out.println("all of 4 Pods refuse: " + failed + " clients of " + failed
                    + " fail, at most 2 Pods ejected; back: 0 of " + served + " fail");
        }
    }

    @Test
    void aPodThatIsBackGetsOneTrialAndThenItsShare() throws Exception {
        Backends one = Backends.saying("one");
        try (Backends two = Backends.saying("two");
                Rig rig = Rig.start(config())) {
            ejecting(rig).offer(one.spec(), two.spec());
            int port = one.spec().address().port();
            one.close();
            for (int i = 0; i < 20; i++) {
                assertThat(rig.ask()).isEqualTo("two");
            }
            awaitEjected(rig, 1);
            try (Backends back = Backends.saying(port, "one")) {
                for (int i = 0; i < 20; i++) {
                    assertThat(rig.ask()).as("its time is not over").isEqualTo("two");
                }
                skip(Duration.ofSeconds(37));
                assertThat(rig.ask()).as("the trial").isEqualTo("one");
                assertThat(rig.connections())
                        .anyMatch(view -> String.valueOf(view.pickReason()).startsWith("trial"));
                awaitEjected(rig, 0);
                for (int i = 0; i < 20; i++) {
                    rig.ask();
                }
                assertThat(back.accepted()).isEqualTo(11);
            }
        }
    }

    @Test
    void aBudgetOfRetriesBoundsWhatAnOutageCosts() throws Exception {
        int clients = 2_000;
        frozen = true; // or those of each second would count, too
        try (Rig rig = Rig.start(config())) {
            rig.offer(Backends.refusing(), Backends.refusing(), Backends.refusing());
            for (int i = 0; i < clients; i++) {
                assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            }
            assertThat(rig.endReasons().keySet()).containsExactly(EndReason.CONNECT_FAILED);
            long retries = rig.counter("podlb_connect_retries_total" + LABELS);
            long denied = rig.counter("podlb_retries_denied_total" + LABELS);
            System.out.println(clients + " clients of 3 Pods that refuse: " + retries
                    + " retries under the budget of 20 % that is the default, 4000 without; " + denied + " denied");
            // A burst of 1000 and a fifth of the connections, but for what the first one paid into a full purse.
            assertThat(retries).isEqualTo(1_399);
            assertThat(denied).isPositive();
        }
    }

    @Test
    void oneOfThreePodsRefusesAndADefaultBudgetFailsNobody() throws Exception {
        int clients = 300;
        frozen = true;
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(config())) {
            rig.offer(one.spec(), Backends.refusing(), two.spec());
            for (int i = 0; i < clients; i++) {
                assertThat(rig.ask()).isIn("one", "two");
            }
            assertThat(rig.counter("podlb_connect_retries_total" + LABELS)).isBetween(clients / 3L, clients / 2L);
            assertThat(rig.counter("podlb_retries_denied_total" + LABELS)).isZero();
        }
    }

    @Test
    void aPodThatHasJustBecomeReadyGetsFewConnectionsAtFirst() throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(config())) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withSlowStart(Duration.ofMinutes(10))))
                    .offer(one.spec());
            rig.offer(one.spec(), two.spec());
            for (int i = 0; i < 110; i++) {
                rig.ask();
            }
            assertThat(two.accepted()).as("one in eleven").isEqualTo(10);
            skip(Duration.ofMinutes(10));
            await().atMost(Duration.ofSeconds(10)).until(() -> {
                int before = two.accepted();
                rig.ask();
                rig.ask();
                return two.accepted() == before + 1;
            });
        }
    }

    @Test
    void aUdpBackendThatNobodyListensOnIsLeftOutAndComesBack() throws Exception {
        ServicePortName name = new ServicePortName("default", "web", "", Protocol.UDP, IpFamily.IPV4);
        String ejected = "podlb_backends_ejected{namespace=default,service=web,port=,protocol=UDP,family=IPv4}";
        try (UdpBackend good = UdpBackend.saying("good");
                Rig rig = Rig.start(config())) {
            BackendSpec bad = UdpBackend.refusing();
            rig.apply(new ServicePortSpec(
                            name,
                            List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec())),
                            "round-robin",
                            null,
                            List.of(bad, good.spec()),
                            List.of())
                    .withTraffic(TrafficRules.NONE.withEjection(new Ejection(3))));
            for (int i = 0; i < 12; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    assertThat(client.ask("x")).startsWith("good");
                }
            }
            await().atMost(Duration.ofSeconds(10)).until(() -> rig.counter(ejected) == 1);
            assertThat(
                            rig.counter(
                                    "podlb_connect_retries_total{namespace=default,service=web,port=,protocol=UDP,family=IPv4}"))
                    .isBetween(3L, 6L);
            skip(Duration.ofSeconds(37));
            try (UdpClient client = UdpClient.of(rig.address())) {
                assertThat(client.ask("x"))
                        .as("its trial fails, the client does not")
                        .startsWith("good");
            }
            assertThat(rig.counter(ejected)).isEqualTo(1);
        }
    }
}
