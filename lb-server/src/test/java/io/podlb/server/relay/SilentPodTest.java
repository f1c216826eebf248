package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.VirtualClock;
import io.podlb.server.service.EndReason;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A Pod that accepts and never says a word: its clients wait for the idle timeout, those of the others for nothing. */
@Timeout(60)
class SilentPodTest {

    private static final int CLIENTS = 300;
    private static final String OF_THE_PORT = "{namespace=default,service=web,port=,protocol=TCP,family=IPv4}";

    private final VirtualClock clock = new VirtualClock();
    private final Records records = new Records();

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void onlyItsOwnClientsWaitAndNothingIsLeftOfThem(String transport) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        List<Socket> clients = new ArrayList<>();
        try (Backends silent = Backends.running(socket -> awaitUninterruptibly(over));
                Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder()
                                .transport(transport)
                                .ticker(clock)
                                .idleTimeout(Duration.ofMinutes(5))
                                .observer(records),
                        silent,
                        one,
                        two)) {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(rig.connect());
            }
            await().untilAsserted(() -> {
                assertThat(silent.accepted()).isEqualTo(100);
                assertThat(one.accepted() + two.accepted()).isEqualTo(200);
            });
            Set<Integer> silentOnes = rig.connections().stream()
                    .filter(view -> silent.spec().address().equals(view.backend()))
                    .map(view -> view.client().port())
                    .collect(Collectors.toSet());
            List<Socket> waiting = new ArrayList<>();
            for (Socket client : clients) {
                if (silentOnes.contains(client.getLocalPort())) {
                    waiting.add(client);
                } else {
                    assertThat(client.getInputStream().readAllBytes()).hasSize(3);
                    client.close();
                }
            }
            assertThat(waiting).hasSize(100);
            await().untilAsserted(() -> assertThat(rig.counter("podlb_connections_open" + OF_THE_PORT))
                    .isEqualTo(100));

            clock.advance(Duration.ofMinutes(5).minusSeconds(1));
            assertThat(rig.counter("podlb_connections_open" + OF_THE_PORT))
                    .as("nobody is cut early")
                    .isEqualTo(100);
            clock.advance(Duration.ofSeconds(2));
            for (Socket client : waiting) {
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            }
            Map<EndReason, Long> ends = rig.endReasons();
            assertThat(ends).containsEntry(EndReason.IDLE_TIMEOUT, 100L).hasSize(2);
            assertThat(rig.counter("podlb_connections_open" + OF_THE_PORT)).isZero();
            assertThat(leases(rig)).as("of all backends").isZero();
            System.out.println(transport + ": " + CLIENTS + " clients, every third with a Pod that is silent: "
                    + (CLIENTS - waiting.size()) + " answered, " + ends.get(EndReason.IDLE_TIMEOUT)
                    + " ended by the idle timeout, 0 left");
        } finally {
            over.countDown();
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long leases(Rig rig) {
        return rig.balancer().metrics().getCounters().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("podlb_backend_connections_open"))
                .mapToLong(counter -> counter.getValue().getCount())
                .sum();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the backend is closed, which ends the script
        }
    }
}
