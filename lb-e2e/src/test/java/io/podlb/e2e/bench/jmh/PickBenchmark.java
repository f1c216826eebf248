package io.podlb.e2e.bench.jmh;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.balance.BackendPool;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.PoolSettings;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.ServicePortSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** One choice of a backend for a new connection, by policy and number of endpoints, alone and beside another thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx512m")
public class PickBenchmark {

    private static final int CLIENTS = 1024;

    @Param({"random", "round-robin", "least-connections", "two-choices", "maglev"})
    public String policy;

    @Param({"3", "100", "1000"})
    public int backends;

    private BackendPool pool;
    private InetAddress[] clients;

    /** Clients of one thread come in turn. */
    @State(Scope.Thread)
    public static class Turn {
        private int next;
    }

    @Setup
    public void setUp() {
        ServicePortSpec spec = Specs.service(0, policy, List.of(), Specs.backends(1, backends));
        RandomSource random = RandomSource.system();
        PoolSettings settings =
                new PoolSettings(Policies.standard(random), () -> 0, random, Runnable::run, Duration.ofSeconds(1));
        pool = new BackendPool(spec, settings, new ServicePortMetrics(new MetricRegistry(), spec.name()));
        clients = IntStream.range(0, CLIENTS)
                .mapToObj(i -> InetAddresses.parse("192.168." + i / 256 + "." + i % 256))
                .toArray(InetAddress[]::new);
    }

    @Benchmark
    @Threads(1)
    public @Nullable Pick oneThread(Turn turn) {
        return pick(turn);
    }

    @Benchmark
    @Threads(2)
    public @Nullable Pick twoThreads(Turn turn) {
        return pick(turn);
    }

    private @Nullable Pick pick(Turn turn) {
        PickContext context = new PickContext(clients[turn.next++ % CLIENTS]);
        return pool.balancer(EndpointSet.CLUSTER).pick(context);
    }
}
