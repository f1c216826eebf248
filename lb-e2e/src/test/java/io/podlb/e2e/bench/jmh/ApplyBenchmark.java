package io.podlb.e2e.bench.jmh;

import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.TableChange;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * From the call of apply until new connections are balanced by it: some Services out of all that are served, each with a
 * listener and ten endpoints, change one endpoint.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx1g")
public class ApplyBenchmark {

    private static final int ENDPOINTS = 10;

    @Param({"100", "1000", "10000"})
    public int services;

    @Param({"1", "100"})
    public int changed;

    private LoadBalancer balancer;
    private List<ServicePortSpec> even;
    private List<ServicePortSpec> odd;
    private long version;

    @Setup
    public void setUp() {
        balancer = LoadBalancer.start(LoadBalancerConfig.builder().eventLoops(1).build());
        List<ServicePortSpec> all =
                IntStream.range(0, services).mapToObj(i -> service(i, 0)).toList();
        balancer.apply(ServiceTable.of(++version, all)).toCompletableFuture().join();
        even = all.subList(0, changed);
        odd = IntStream.range(0, changed).mapToObj(i -> service(i, 1)).toList();
    }

    /** Ten endpoints out of eleven: variants share nine of them. */
    private static ServicePortSpec service(int number, int variant) {
        List<BackendSpec> backends = Specs.backends(number * (ENDPOINTS + 1) + variant, ENDPOINTS);
        return Specs.service(number, "random", Specs.frontend(number), backends);
    }

    @Benchmark
    public void apply() {
        version++;
        TableChange change = new TableChange(version, version % 2 == 0 ? odd : even, Set.of());
        balancer.apply(change).toCompletableFuture().join();
    }

    @TearDown
    public void tearDown() {
        balancer.close();
    }
}
