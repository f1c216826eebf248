package io.podlb.server.limit;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.BackendPool;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.PoolSettings;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.ConnectionLimits;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random comings and goings against what must hold whatever happens: never more than the limits say, nobody waits while
 * there is something for it, nobody is forgotten, and in the end nothing is held.
 */
@Timeout(120)
class LimiterModelTest {

    private static final ServicePortName PORT = new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
    private static final int PER_SERVICE = 7;
    private static final int PER_BACKEND = 3;
    private static final int PER_CLIENT = 4;

    private final ServicePortMetrics metrics = new ServicePortMetrics(new MetricRegistry(), PORT);
    private final List<Runnable> loop = new ArrayList<>(); // what event loops have still to do
    private final List<Connection> waiting = new ArrayList<>(); // in the order of their coming
    private final List<Connection> served = new ArrayList<>();

    private final class Connection {
        final EndpointSet set;
        final InetAddress client;
        final Entry entry;
        final PickContext context;

        @Nullable
        Backend backend;

        Connection(Limiter limiter, EndpointSet set, int number) {
            this.set = set;
            this.client = client(number);
            this.entry = limiter.entry(client);
            this.context = new PickContext(client);
        }

        void serve(@Nullable Pick pick) {
            waiting.remove(this);
            if (pick == null) {
                entry.leave(null);
            } else {
                backend = pick.backend();
                served.add(this);
            }
        }
    }

    private static InetAddress client(int number) {
        return InetAddresses.parse("192.0.2." + number);
    }

    private BackendPool pool(long seed, String policy, ServicePortSpec spec) {
        RandomSource random = RandomSource.seeded(seed);
        return new BackendPool(
                spec,
                new PoolSettings(
                        Policies.standard(random), new AtomicLong()::get, random, Runnable::run, Duration.ofSeconds(2)),
                metrics);
    }

    private static ServicePortSpec spec(String policy, @Nullable Duration affinity, int cluster, int local) {
        return new ServicePortSpec(PORT, List.of(), policy, affinity, specs(cluster), specs(local));
    }

    private static List<BackendSpec> specs(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(
                        number -> BackendSpec.of(new SocketAddressSpec(InetAddresses.parse("10.244.0." + number), 80)))
                .toList();
    }

    private static String policy(long seed) {
        return List.of("random", "round-robin", "least-connections", "two-choices", "maglev")
                .get((int) (seed % 5));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void holdsWhateverHappens(long seed) {
        Random random = new Random(seed);
        String policy = policy(seed);
        Duration affinity = seed > 5 ? Duration.ofHours(1) : null;
        BackendPool pool = pool(seed, policy, spec(policy, affinity, 3, 1));
        Limiter limiter = new Limiter(pool, () -> 0, metrics.traffic());
        ConnectionLimits limits = ConnectionLimits.OFF
                .withPerService(PER_SERVICE)
                .withPerBackend(PER_BACKEND)
                .withPerClient(PER_CLIENT)
                .withPatience(Duration.ofSeconds(2));
        limiter.update(limits);
        int waited = 0;
        for (int step = 0; step < 5_000; step++) {
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> waited += come(limiter, random) ? 1 : 0;
                case 3, 4 -> end(random);
                case 5 -> timeOut(random);
                case 6 -> fail(pool, random);
                case 7 -> {
                    if (random.nextInt(20) == 0) {
                        pool.update(spec(policy, affinity, random.nextInt(4), random.nextInt(2)));
                        limiter.update(limits);
                    }
                }
                default -> hear(random);
            }
            check(limiter, pool);
        }
        assertThat(waited).isGreaterThan(50);
        while (!served.isEmpty() || !waiting.isEmpty() || !loop.isEmpty()) {
            hear(random);
            end(random);
        }
        assertThat(limiter.taken()).isZero();
        assertThat(limiter.line().isEmpty()).isTrue();
        assertThat(limiter.rules().clients().size()).isZero();
        for (EndpointSet set : EndpointSet.values()) {
            assertThat(pool.balancer(set).candidates()).allMatch(backend -> backend.active() == 0);
        }
    }

    /** Returns whether it has to wait. */
    private boolean come(Limiter limiter, Random random) {
        EndpointSet set = EndpointSet.values()[random.nextInt(2)];
        Connection connection = new Connection(limiter, set, 1 + random.nextInt(5));
        if (connection.entry.admit() != null) {
            long held = java.util.stream.Stream.concat(waiting.stream(), served.stream())
                    .filter(other -> other.client.equals(connection.client))
                    .count();
            assertThat(held).as("of a client that is refused").isEqualTo(PER_CLIENT);
            return false;
        }
        Pick pick = connection.entry.take(limiter.pool().balancer(set), connection.context);
        if (pick != null || connection.entry.limit() == null) {
            connection.serve(pick);
            return false;
        }
        waiting.add(connection);
        assertThat(connection.entry.await(set, connection.context, loop::add, connection::serve))
                .isTrue();
        return true;
    }

    private void end(Random random) {
        if (!served.isEmpty()) {
            Connection ended = served.remove(random.nextInt(served.size()));
            ended.entry.leave(ended.backend);
        }
    }

    /** Its time is over, or its client has gone, which may be just when it was given something. */
    private void timeOut(Random random) {
        if (waiting.isEmpty() || random.nextInt(3) > 0) {
            return;
        }
        Connection connection = waiting.get(random.nextInt(waiting.size()));
        if (random.nextBoolean()) {
            waiting.remove(connection);
            connection.entry.leave(null);
        } else {
            connection.serve(connection.entry.stopWaiting());
        }
    }

    /** Its backend cannot be reached, and it looks for another one. */
    private void fail(BackendPool pool, Random random) {
        if (served.isEmpty()) {
            return;
        }
        Connection connection = served.remove(random.nextInt(served.size()));
        Backend failed = connection.backend;
        connection.context.exclude(failed);
        connection.entry.release(failed);
        connection.backend = null;
        Pick pick = connection.entry.take(pool.balancer(connection.set), connection.context);
        if (pick != null || connection.entry.limit() == null) {
            connection.serve(pick);
        } else {
            waiting.add(connection);
            connection.entry.await(connection.set, connection.context, loop::add, connection::serve);
        }
    }

    private void hear(Random random) {
        if (!loop.isEmpty()) {
            loop.remove(random.nextInt(loop.size())).run();
        }
    }

    private void check(Limiter limiter, BackendPool pool) {
        assertThat(limiter.taken()).isBetween(0, PER_SERVICE);
        for (EndpointSet set : EndpointSet.values()) {
            assertThat(pool.balancer(set).candidates()).allMatch(backend -> backend.active() <= PER_BACKEND);
        }
        if (loop.isEmpty() && !waiting.isEmpty()) {
            for (Connection connection : waiting) {
                boolean place = limiter.taken() < PER_SERVICE || connection.entry.hasPlace();
                boolean room = pool.balancer(connection.set).candidates().stream()
                        .anyMatch(backend -> backend.active() < PER_BACKEND && !connection.context.excludes(backend));
                assertThat(place && room).as("somebody waits for nothing").isFalse();
            }
        }
    }

    /** Four threads that are event loops to each other; whoever comes is served sooner or later, never too many at once. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noPlaceIsLostOrGivenTwiceBetweenThreads(long seed) throws Exception {
        int threads = 4;
        int each = 3_000;
        BackendPool pool = pool(seed, policy(seed), spec(policy(seed), null, 2, 2));
        Limiter limiter = new Limiter(pool, () -> 0, metrics.traffic());
        limiter.update(ConnectionLimits.OFF
                .withPerService(5)
                .withPerBackend(PER_BACKEND)
                .withPatience(Duration.ofSeconds(2)));
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger waits = new AtomicInteger();
        Semaphore ended = new Semaphore(0);
        ExecutorService[] loops = new ExecutorService[threads];
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            loops[i] = Executors.newSingleThreadExecutor();
        }
        for (ExecutorService home : loops) {
            for (int i = 0; i < each; i++) {
                done.add(home.submit(() -> {
                    Entry entry = limiter.entry(client(1));
                    PickContext context = new PickContext(client(1));
                    java.util.function.Consumer<@Nullable Pick> served = pick -> {
                        int concurrent = now.incrementAndGet();
                        most.accumulateAndGet(concurrent, Math::max);
                        // It ends in a later task, so that others come in between.
                        home.execute(() -> {
                            now.decrementAndGet();
                            entry.leave(pick.backend());
                            ended.release();
                        });
                    };
                    Pick pick = entry.take(pool.balancer(EndpointSet.CLUSTER), context);
                    if (pick != null) {
                        served.accept(pick);
                    } else {
                        waits.incrementAndGet();
                        if (!entry.await(EndpointSet.CLUSTER, context, home, served)) {
                            entry.leave(null);
                            ended.release();
                        }
                    }
                }));
            }
        }
        for (Future<?> task : done) {
            task.get(60, TimeUnit.SECONDS);
        }
        assertThat(ended.tryAcquire(threads * each, 60, TimeUnit.SECONDS)).isTrue();
        for (ExecutorService home : loops) {
            home.shutdown();
        }
        assertThat(waits.get()).isPositive();
        assertThat(most.get()).isBetween(1, 5);
        assertThat(limiter.taken()).isZero();
        assertThat(pool.balancer(EndpointSet.CLUSTER).candidates()).allMatch(backend -> backend.active() == 0);
    }
}
