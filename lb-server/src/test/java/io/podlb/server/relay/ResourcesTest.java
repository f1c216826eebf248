package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What connections cost while they last, and that nothing of it is left after them. */
@Timeout(120)
class ResourcesTest {

    private static final int MIB = 1024 * 1024;

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void twentyThousandShortConnectionsLeaveNoDescriptor(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport, one)) {
            for (int i = 0; i < 100; i++) {
                assertThat(rig.ask()).isEqualTo("one");
            }
            awaitAllEnded(rig);
            long before = descriptors();
            for (int i = 0; i < 20_000; i++) {
                assertThat(rig.ask()).isEqualTo("one");
            }
            awaitAllEnded(rig);
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(descriptors()).isEqualTo(before));
            assertThat(
                            rig.counter(
                                    "podlb_connections_failed_total{namespace=default,service=web,port=,protocol=TCP,family=IPv4}"))
                    .isZero();
        }
    }

    private static void awaitAllEnded(Rig rig) {
        String open = "podlb_connections_open{namespace=default,service=web,port=,protocol=TCP,family=IPv4}";
        await().until(() -> rig.counter(open) == 0);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    /** Thirty clients push for all they are worth at backends that do not read. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void stalledReadersHoldNoMoreThanTheWatermarkAndOneBuffer(String transport) throws Exception {
        int clients = 30;
        CountDownLatch stalled = new CountDownLatch(1);
        List<Socket> sockets = new ArrayList<>();
        List<Thread> senders = new ArrayList<>();
        try (Backends mute = Backends.running(socket -> awaitUninterruptibly(stalled));
                Rig rig = Rig.start(LoadBalancerConfig.builder().transport(transport), mute)) {
            long before = usedDirectMemory();
            for (int i = 0; i < clients; i++) {
                Socket socket = rig.connect();
                sockets.add(socket);
                Thread sender = new Thread(() -> push(socket));
                sender.setDaemon(true);
                sender.start();
                senders.add(sender);
            }
            // Until nothing moves any more: every buffer on the way is full.
            long[] last = {-1};
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(300))
                    .until(() -> {
                        long now = rig.connections().stream()
                                .mapToLong(ConnectionView::bytesToBackend)
                                .sum();
                        boolean quiet = now == last[0] && now > 0;
                        last[0] = now;
                        return quiet;
                    });
            assertThat(senders).as("held back").allMatch(Thread::isAlive);
            assertThat(usedDirectMemory() - before).isLessThan(clients * 2L * (128 + 128) * 1024 + 8L * MIB);
            stalled.countDown();
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void push(Socket socket) {
        byte[] chunk = new byte[MIB];
        try {
            for (int i = 0; i < 256; i++) {
                socket.getOutputStream().write(chunk);
            }
        } catch (IOException closed) {
            // The end of the test.
        }
    }

    private static long usedDirectMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
