package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.DrainReceipt;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Drain;
import io.podlb.server.service.TrafficRules.Rebalance;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections that podlb brings to their ends ahead of time: drains, ages, rebalancing. */
@Timeout(120)
class ClosingsTest {

    private static final Duration WITHIN = Duration.ofSeconds(12);

    private final List<Socket> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (Socket client : clients) {
            client.close();
        }
    }

    private static Rig rig(String transport, TrafficRules rules) {
        return Rig.start(LoadBalancerConfig.builder().transport(transport).random(RandomSource.seeded(5)))
                .shaped(spec -> spec.withTraffic(rules));
    }

    private static TrafficRules draining(Duration within, SocketAddressSpec... staying) {
        return TrafficRules.NONE.withDrain(new Drain(within, Set.of(staying)));
    }

    /** A client that has been answered once and is quiet now. */
    private Socket answered(Rig rig) throws IOException {
        Socket client = connected(rig);
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
        return client;
    }

    private Socket connected(Rig rig) throws IOException {
        Socket client = rig.connect();
        clients.add(client);
        return client;
    }

    private static DrainReceipt receipt(Rig rig) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !rig.balancer().drains().isEmpty());
        return rig.balancer().drains().get(0);
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void quietConnectionsOfABackendThatLeavesAreEndedByFin(String transport) throws Exception {
        try (Backends old = Backends.echo();
                Backends next = Backends.echo();
                Rig rig = rig(transport, draining(WITHIN))) {
            rig.offer(old.spec());
            for (int i = 0; i < 10; i++) {
                answered(rig);
            }
            rig.offer(next.spec());
            for (Socket client : clients) {
                assertThat(client.getInputStream().read()).as("FIN").isEqualTo(-1);
                client.close();
            }
            assertThat(receipt(rig).counts()).isEqualTo(new DrainCounts(10, 0, 10, 0));
            assertThat(receipt(rig).backend()).isEqualTo(old.spec().address());
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.DRAINED, 10L));
        }
    }

    /** What the client sends after its FIN was sent still arrives, and so does its own FIN. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whatAClientSendsAfterTheHintStillArrives(String transport) throws Exception {
        CountDownLatch got = new CountDownLatch(1);
        try (Backends old = Backends.running(socket -> {
                    socket.getOutputStream().write('x');
                    byte[] all = socket.getInputStream().readAllBytes();
                    if (new String(all, java.nio.charset.StandardCharsets.UTF_8).equals("last words")) {
                        got.countDown();
                    }
                });
                Backends next = Backends.echo();
                Rig rig = rig(transport, draining(WITHIN))) {
            rig.offer(old.spec());
            Socket client = connected(rig);
            assertThat(client.getInputStream().read()).isEqualTo('x');
            rig.offer(next.spec());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.getOutputStream().write("last words".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            client.shutdownOutput();
            assertThat(got.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.DRAINED, 1L));
        }
    }

    @Test
    void thoseThatEndByThemselvesAndThoseThatMustBeCutAreToldApart() throws Exception {
        try (Backends old = Backends.running(socket -> {
                    if (socket.getInputStream().read() == 'x') {
                        socket.getOutputStream().write('x');
                    }
                    socket.getInputStream().readAllBytes(); // whoever asks something else waits for an answer
                });
                Backends next = Backends.echo();
                Rig rig = rig(null, draining(Duration.ofSeconds(8)))) {
            rig.offer(old.spec());
            Socket leaves = answered(rig);
            Socket quiet = answered(rig);
            Socket busy = connected(rig);
            busy.getOutputStream().write('?');
            await().until(() -> rig.connections().stream()
                    .anyMatch(view -> view.bytesToBackend() == 1 && view.bytesToClient() == 0));
            rig.offer(next.spec());
            leaves.close();
            assertThat(quiet.getInputStream().read()).isEqualTo(-1);
            quiet.close();
            assertThatThrownBy(() -> busy.getInputStream().read())
                    .as("never a clean end without the answer")
                    .isInstanceOf(IOException.class);
            assertThat(receipt(rig).counts()).isEqualTo(new DrainCounts(3, 1, 1, 1));
            assertThat(rig.endReasons()).containsEntry(EndReason.DRAIN_CUT, 1L).containsEntry(EndReason.DRAINED, 1L);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anAnswerThatComesAfterTheHintIsNoCleanEnd(String transport) throws Exception {
        CountDownLatch hinted = new CountDownLatch(1);
        try (Backends old = Backends.running(socket -> {
                    socket.getOutputStream().write('x');
                    try {
                        assertThat(hinted.await(30, TimeUnit.SECONDS)).isTrue();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    socket.getOutputStream().write('y');
                    socket.getInputStream().readAllBytes();
                });
                Backends next = Backends.echo();
                Rig rig = rig(transport, draining(WITHIN))) {
            rig.offer(old.spec());
            Socket client = connected(rig);
            assertThat(client.getInputStream().read()).isEqualTo('x');
            rig.offer(next.spec());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            hinted.countDown();
            assertThat(receipt(rig).counts()).isEqualTo(new DrainCounts(1, 0, 0, 1));
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.INTERRUPTED, 1L));
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            client.getOutputStream().write('z');
                        }
                    })
                    .as("reset")
                    .isInstanceOf(IOException.class);
        }
    }

    /** Not ready, or left out by a hint: it may be back, and Kubernetes leaves its connections alone. */
    @Test
    void aBackendThatMayComeBackIsNotDrainedUntilItTerminates() throws Exception {
        try (Backends old = Backends.echo();
                Backends next = Backends.echo();
                Rig rig = rig(null, draining(WITHIN, old.spec().address()))) {
            rig.offer(old.spec());
            Socket client = answered(rig);
            rig.offer(next.spec());
            rig.offer(old.spec(), next.spec());
            rig.offer(next.spec());
            client.setSoTimeout(3_000);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .as("left alone")
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            client.setSoTimeout(30_000);
            rig.shaped(spec -> spec.withTraffic(draining(WITHIN))).offer(next.spec());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.close();
            assertThat(receipt(rig).counts()).isEqualTo(new DrainCounts(1, 0, 1, 0));
        }
    }

    @Test
    void withoutTheRuleConnectionsOfABackendThatLeavesAreLeftAlone() throws Exception {
        try (Backends old = Backends.echo();
                Backends next = Backends.echo();
                Rig rig = rig(null, TrafficRules.NONE)) {
            rig.offer(old.spec());
            Socket client = answered(rig);
            rig.offer(next.spec());
            client.setSoTimeout(3_000);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(java.net.SocketTimeoutException.class);
            assertThat(rig.balancer().drains()).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsOldAndQuietIsEndedByFin() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = rig(null, TrafficRules.NONE.withMaxConnectionAge(Duration.ofMillis(500)))) {
            rig.offer(echo.spec());
            Socket client = answered(rig);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            client.close();
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.AGED, 1L));
        }
    }

    /** Ten quiet and ten busy connections over two endpoints, and two more endpoints. */
    @Test
    void afterAScaleOutQuietConnectionsMoveAndBusyOnesAreLeftAlone() throws Exception {
        try (Backends one = Backends.echo();
                Backends two = Backends.echo();
                Backends three = Backends.echo();
                Backends four = Backends.echo();
                Rig rig = rig(null, TrafficRules.NONE.withRebalance(new Rebalance(100, 0)))) {
            rig.offer(one.spec(), two.spec());
            List<Socket> quiet = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                quiet.add(answered(rig));
            }
            List<Socket> busy = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                busy.add(connected(rig));
            }
            rig.offer(one.spec(), two.spec(), three.spec(), four.spec());
            AtomicInteger moved = new AtomicInteger();
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                use(busy);
                moved.addAndGet(replaceEnded(quiet, rig));
                return balanced(rig);
            });
            assertThat(moved.get()).isGreaterThanOrEqualTo(12);
            use(busy);
            System.out.println("32 connections on 2 endpoints, 8 of them busy; 2 endpoints more: " + moved
                    + " quiet ones moved, no busy one was touched, at most 9 on one endpoint");
        }
    }

    private static void use(List<Socket> busy) throws IOException {
        for (Socket client : busy) {
            client.getOutputStream().write('b');
            assertThat(client.getInputStream().read()).as("untouched").isEqualTo('b');
        }
    }

    /** Clients that are sent FIN close and connect again, as pools of connections do. */
    private int replaceEnded(List<Socket> quiet, Rig rig) throws IOException {
        int ended = 0;
        for (int i = 0; i < quiet.size(); i++) {
            if (saysFin(quiet.get(i))) {
                quiet.get(i).close();
                quiet.set(i, answered(rig));
                ended++;
            }
        }
        return ended;
    }

    private static boolean saysFin(Socket client) throws IOException {
        client.setSoTimeout(20);
        try {
            return client.getInputStream().read() == -1;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } finally {
            client.setSoTimeout(30_000);
        }
    }

    private static boolean balanced(Rig rig) {
        Map<SocketAddressSpec, Long> open = rig.connections().stream()
                .filter(view -> view.endReason() == null)
                .collect(java.util.stream.Collectors.groupingBy(
                        ConnectionView::backend, java.util.stream.Collectors.counting()));
        return open.size() == 4 && open.values().stream().allMatch(count -> count <= 9);
    }
}
