package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.VirtualClock;
import io.podlb.server.fault.FaultView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FaultSet;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults of TCP, seen by a client. */
@Timeout(120)
class FaultTest {

    private static final String LABELS = "{namespace=default,service=web,port=,protocol=TCP,family=IPv4";

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aPodThatRefusesIsNotCalledAndAnotherOneIs(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(transport)) {
            rig.offer(pod(one, "one"), pod(two, "two"));
            rig.balancer().faults(FaultSet.parse("refuse; pod=one"));
            for (int i = 0; i < 10; i++) {
                assertThat(rig.ask()).isEqualTo("two");
            }
            assertThat(one.accepted()).isZero();
            assertThat(rig.connections().stream().flatMap(view -> view.faults().stream()))
                    .as("the records of those that met one say so")
                    .isNotEmpty()
                    .containsOnly("refuse; pod=one");
            long hits = faults(rig, "refuse");
            assertThat(hits).isBetween(1L, 10L);
            assertThat(rig.balancer().faults()).extracting(FaultView::hits).containsExactly(hits);
            assertThat(rig.counter("podlb_connect_retries_total" + LABELS + "}"))
                    .isEqualTo(hits);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whereAllPodsRefuseTheClientIsReset(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport, one)) {
            rig.balancer().faults(FaultSet.parse("refuse"));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CONNECT_FAILED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aBlackholeCostsTheTimeOfOneTry(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).connectTimeout(Duration.ofMillis(200)))) {
            rig.offer(pod(one, "one"), pod(two, "two"));
            rig.balancer().faults(FaultSet.parse("blackhole; pod=one"));
            assertThat(rig.ask()).isEqualTo("two");
            assertThat(rig.ask()).isEqualTo("two");
            assertThat(rig.connections().stream()
                            .flatMap(view -> view.tries().stream())
                            .map(Attempt::outcome))
                    .contains(Attempt.Outcome.TIMED_OUT);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aPodThatResetsHasAcceptedBefore(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport, one)) {
            rig.balancer().faults(FaultSet.parse("reset"));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.BACKEND_RESET, 1L));
            assertThat(one.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aSilentPodTakesEverythingAndAnswersNothing(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(transport, echo);
                Socket client = connectWith(rig, "silent")) {
            byte[] much = new byte[8 * 1024 * 1024];
            client.getOutputStream().write(much);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> rig.connections().get(0).bytesToBackend() == much.length);
            assertThat(client.getInputStream().available()).isZero();
            assertThat(rig.connections().get(0).bytesToClient()).isZero();
            assertThat(rig.connections().get(0).endReason()).isNull();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aDelayIsAddedEachWay(String transport) throws Exception {
        VirtualClock clock = new VirtualClock();
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(virtual(transport, clock), echo);
                Socket client = connectWith(rig, "latency=60s~10s; to=client | latency=40s; to=backend")) {
            client.getOutputStream().write(7);
            await().until(() -> faults(rig, "latency") == 1);
            clock.advance(Duration.ofSeconds(39));
            assertThat(rig.connections().get(0).bytesToBackend()).isZero();
            clock.advance(Duration.ofSeconds(2));
            await().until(() -> faults(rig, "latency") == 2);
            clock.advance(Duration.ofSeconds(49));
            assertThat(client.getInputStream().available()).isZero();
            clock.advance(Duration.ofSeconds(22));
            assertThat(client.getInputStream().read()).isEqualTo(7);
            assertThat(faults(rig, "latency")).as("once for each rule").isEqualTo(2);
        }
    }

    /** A mebibyte passes unchanged through everything that only takes time, and no faster than allowed. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void delayAndBandwidthTogetherChangeNoByte(String transport) throws Exception {
        byte[] data = random(512 * 1024);
        VirtualClock clock = new VirtualClock();
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(virtual(transport, clock), echo);
                Socket client = connectWith(rig, "latency=20ms~20ms | bandwidth=1Mi | close-delay=50ms")) {
            long start = clock.nanoTime();
            CompletableFuture<byte[]> got = CompletableFuture.supplyAsync(() -> {
                try {
                    return exchange(client, data);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                clock.advance(Duration.ofMillis(50));
                return got.isDone();
            });
            assertThat(got.join()).isEqualTo(data);
            assertThat(Duration.ofNanos(clock.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(499));
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CLIENT_CLOSED, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aCutComesBehindExactlySoManyBytes(String transport) throws Exception {
        byte[] data = random(100_000);
        try (Backends talker = Backends.running(socket -> {
                    socket.getInputStream().read(); // a client may be reset while it still connects
                    socket.getOutputStream().write(data);
                    socket.getInputStream().read();
                });
                Rig rig = Rig.start(transport, talker)) {
            for (int bytes : new int[] {1, 2, 4_095, 4_096, 20_000}) {
                try (Socket client = connectWith(rig, "cut=" + bytes + "; to=client")) {
                    client.getOutputStream().write('x');
                    assertThat(readUntilReset(client))
                            .as("cut=%d", bytes)
                            .isEqualTo(java.util.Arrays.copyOf(data, bytes));
                }
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.BACKEND_RESET, 5L));
        }
    }

    /** The client may be reset before it has even begun to read. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aCutBehindNothingComesAtOnce(String transport) throws Exception {
        try (Backends silent =
                        Backends.running(socket -> socket.getInputStream().read());
                Rig rig = Rig.start(transport, silent)) {
            rig.balancer().faults(FaultSet.parse("cut=0; to=client"));
            assertThatThrownBy(rig::ask).isInstanceOf(java.net.SocketException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.BACKEND_RESET, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aCutTowardsThePodLetsItHaveExactlySoManyBytes(String transport) throws Exception {
        byte[] data = random(50_000);
        CompletableFuture<byte[]> got = new CompletableFuture<>();
        try (Backends reader = Backends.running(socket -> got.complete(readUntilReset(socket)));
                Rig rig = Rig.start(transport, reader);
                Socket client = connectWith(rig, "cut=10Ki; to=backend")) {
            client.getOutputStream().write(data);
            assertThat(got.get(20, TimeUnit.SECONDS)).isEqualTo(java.util.Arrays.copyOf(data, 10_240));
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.BACKEND_RESET, 1L));
        }
    }

    /** By position, however the bytes come in buffers, and in both directions at once. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void bytesAreInvertedAndDroppedByTheirPosition(String transport) throws Exception {
        byte[] data = random(200_000);
        List<Byte> expected = new ArrayList<>();
        for (int i = 0; i < 199_990; i++) {
            if (i >= 10 && (i < 20 || i >= 70_000)) {
                expected.add((byte) (i < 12 || i >= 80_000 && i < 190_000 ? ~data[i] : data[i]));
            }
        }
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(transport, echo);
                Socket client = connectWith(
                        rig,
                        "corrupt=0..12,80000..190000; to=backend | drop=0..10,20..70000,30..40,199990..; to=backend"
                                + " | latency=5ms; to=client")) {
            byte[] got = exchange(client, data);
            assertThat(got).hasSize(expected.size());
            for (int i = 0; i < got.length; i++) {
                assertThat(got[i]).as("byte %d", i).isEqualTo(expected.get(i));
            }
            assertThat(faults(rig, "corrupt")).isEqualTo(1);
            assertThat(faults(rig, "drop")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aHalfOpenConnectionNeverSeesTheEnd(String transport) throws Exception {
        VirtualClock clock = new VirtualClock();
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(virtual(transport, clock), one);
                Socket client = connectWith(rig, "half-open; to=client")) {
            assertThat(client.getInputStream().readNBytes(3)).isEqualTo("one".getBytes());
            await().until(() -> faults(rig, "half-open") == 1);
            assertThat(rig.connections().get(0).endReason()).isNull();
            clock.advance(Duration.ofHours(2));
            assertThatThrownBy(() -> client.getInputStream().read())
                    .as("podlb's own time for half-closed connections is over")
                    .isInstanceOf(SocketException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anEndThatIsDelayedComesAfterAll(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport, one);
                Socket client = connectWith(rig, "close-delay=150ms; to=client")) {
            assertThat(client.getInputStream().readNBytes(3)).isEqualTo("one".getBytes());
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(faults(rig, "close-delay")).isEqualTo(1);
        }
    }

    @Test
    void aRuleIsForTheConnectionsThatItNames() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null, one)) {
            rig.balancer().faults(FaultSet.parse("refuse; service=default/web; connections=2,4-5,8-"));
            List<Integer> refused = new ArrayList<>();
            for (int i = 1; i <= 9; i++) {
                try {
                    assertThat(rig.ask()).isEqualTo("one");
                } catch (IOException reset) {
                    refused.add(i);
                }
            }
            assertThat(refused).containsExactly(2, 4, 5, 8, 9);
            rig.balancer().faults(FaultSet.parse("refuse; service=other/web | refuse; port=http | loss=100%"));
            assertThat(rig.ask()).isEqualTo("one");
            rig.balancer()
                    .faults(FaultSet.parse("refuse; endpoint=" + one.spec().address()));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            rig.balancer().faults(FaultSet.NONE);
            assertThat(rig.ask()).isEqualTo("one");
        }
    }

    @Test
    void aServicePortBringsFaultsOfItsOwn() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null, one)) {
            rig.apply(rig.spec(one.spec()).withFaults(FaultSet.parse("refuse; connections=1")));
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(rig.ask()).isEqualTo("one");
            rig.apply(rig.spec(one.spec()));
            assertThat(rig.balancer().faults()).isEmpty();
        }
    }

    /** What delays all for an hour and is taken back delays the connection that has met it no longer. */
    @Test
    void whatIsTakenBackEndsForConnectionsThatAreOpen() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo);
                Socket client = connectWith(rig, "corrupt=0..; to=client")) {
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(254);
            rig.balancer().faults(FaultSet.NONE);
            client.getOutputStream().write(1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void sessionsThatEndWhileBytesWaitLeaveNone() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo)) {
            rig.balancer().faults(FaultSet.parse("latency=1h"));
            for (int i = 0; i < 5; i++) {
                Socket client = rig.connect();
                client.getOutputStream().write(new byte[10_000]);
                await().until(() -> faults(rig, "latency") > 0);
                client.setSoLinger(true, 0);
                client.close();
            }
        } // and no buffer is left, which is looked at after every test
    }

    /** A client that sends on while nothing gets through is held up, and costs no more than what may wait. */
    @Test
    void whatWaitsIsBounded() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start((String) null, echo);
                Socket client = connectWith(rig, "latency=1h; to=backend")) {
            AtomicBoolean done = new AtomicBoolean();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    client.getOutputStream().write(new byte[64 * 1024 * 1024]);
                    done.set(true);
                } catch (IOException closed) {
                    // The end of the test.
                }
            });
            await().until(() -> faults(rig, "latency") > 0);
            assertThatThrownBy(() -> sending.get(500, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            client.close();
            sending.get(20, TimeUnit.SECONDS);
            assertThat(done).isFalse();
        }
    }

    /** Nor does a client that reads nothing. */
    @Test
    void whatWaitsForAClientThatDoesNotReadIsBounded() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try (Backends talker = Backends.running(socket -> {
                    try {
                        socket.getOutputStream().write(new byte[64 * 1024 * 1024]);
                        done.set(true);
                    } finally {
                        sent.complete(null);
                    }
                });
                Rig rig = Rig.start((String) null, talker)) {
            try (Socket client = connectWith(rig, "latency=1ms; to=client")) {
                await().until(() -> faults(rig, "latency") > 0);
                assertThatThrownBy(() -> sent.get(500, TimeUnit.MILLISECONDS))
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
                client.setSoLinger(true, 0);
            }
            sent.get(20, TimeUnit.SECONDS);
            assertThat(done).isFalse();
        }
    }

    /** Every connection meets one set or the other, or one that ends meanwhile, but never rules of both. */
    @Test
    void aSetIsReplacedAsOneUnderLoad() throws Exception {
        int half = 100;
        FaultSet one = inverting(0, half);
        FaultSet other = inverting(half, 2 * half);
        byte[] plain = new byte[2 * half];
        try (Backends backend = Backends.running(socket -> {
                    socket.getOutputStream().write(plain);
                    socket.shutdownOutput();
                });
                Rig rig = Rig.start(LoadBalancerConfig.builder(), backend)) {
            rig.balancer().faults(one);
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> switching = CompletableFuture.runAsync(() -> {
                while (!stop.get()) {
                    rig.balancer().faults(other);
                    rig.balancer().faults(one);
                }
            });
            for (int i = 0; i < 200; i++) {
                try (Socket client = rig.connect()) {
                    byte[] got = client.getInputStream().readAllBytes();
                    byte[] first = Arrays.copyOf(got, half);
                    byte[] second = Arrays.copyOfRange(got, half, got.length);
                    assertThat(Arrays.equals(first, new byte[half]) || Arrays.equals(second, new byte[half]))
                            .as("rules of one set alone")
                            .isTrue();
                }
            }
            stop.set(true);
            switching.get(20, TimeUnit.SECONDS);
        }
    }

    /** A rule for each byte. */
    private static FaultSet inverting(int from, int to) {
        return FaultSet.parse(IntStream.range(from, to)
                .mapToObj(at -> "corrupt=" + at + ".." + (at + 1) + "; to=client")
                .toList());
    }

    private static LoadBalancerConfig.Builder virtual(String transport, VirtualClock clock) {
        return LoadBalancerConfig.builder().transport(transport).ticker(clock);
    }

    private static Socket connectWith(Rig rig, String rules) throws IOException {
        rig.balancer().faults(FaultSet.parse(rules));
        Socket client = new Socket();
        client.setSoTimeout(30_000); // before the connect: after it the client may be reset already
        client.connect(rig.address(), 5_000);
        return client;
    }

    private static BackendSpec pod(Backends backend, String name) {
        return new BackendSpec(backend.spec().address(), 1, name, null, null);
    }

    static long faults(Rig rig, String kind) {
        return rig.counter("podlb_faults_total" + LABELS + ",fault=" + kind + "}");
    }

    private static byte[] random(int length) {
        byte[] data = new byte[length];
        new Random(7).nextBytes(data);
        return data;
    }

    /** Sends all of it and its end, and gives what comes back until the end. */
    private static byte[] exchange(Socket client, byte[] data) throws Exception {
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                client.getOutputStream().write(data);
                client.shutdownOutput();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        byte[] got = client.getInputStream().readAllBytes();
        sending.get(20, TimeUnit.SECONDS);
        return got;
    }

    private static byte[] readUntilReset(Socket socket) throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        try {
            byte[] buffer = new byte[8192];
            int length = in.read(buffer);
            while (length > 0) {
                all.write(buffer, 0, length);
                length = in.read(buffer);
            }
        } catch (IOException reset) {
            return all.toByteArray();
        }
        throw new IOException("not reset, but ended after " + all.size() + " bytes");
    }
}
