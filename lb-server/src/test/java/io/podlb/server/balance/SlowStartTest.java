package io.podlb.server.balance;

import static io.podlb.server.balance.SpecBuilder.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints that have just become ready get their share by and by. */
class SlowStartTest {

    private static final int CLIENTS = 21_000;

    private final FakeTicker ticker = new FakeTicker();
    private final MetricRegistry registry = new MetricRegistry();

    private BackendPool pool(SpecBuilder builder) {
        return new BackendPool(
                slow(builder), Backends.settings(7, ticker), new ServicePortMetrics(registry, Backends.PORT));
    }

    private static ServicePortSpec slow(SpecBuilder builder) {
        return builder.build().withTraffic(TrafficRules.NONE.withSlowStart(Duration.ofSeconds(30)));
    }

    private static int weight(BackendPool pool, int number) {
        return pool.listed(EndpointSet.CLUSTER).get(number - 1).weight();
    }

    /** Its part of many connections, each of another client. */
    private static double share(BackendPool pool, int number) {
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        long picks = IntStream.range(0, CLIENTS)
                .filter(client ->
                        balancer.pick(Backends.from(client)).backend().address().equals(Backends.address(number)))
                .count();
        return (double) picks / CLIENTS;
    }

    private long starts() {
        return registry.getCounters().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("podlb_slow_starts_total"))
                .mapToLong(counter -> counter.getValue().getCount())
                .sum();
    }

    @ParameterizedTest
    @CsvSource({"random", "round-robin", "maglev"})
    void aNewEndpointGetsATenthOfItsShareAndAllOfItInTheEnd(String policy) {
        BackendPool pool = pool(spec().policy(policy).cluster(1, 2));
        assertThat(pool.isRestless()).isFalse();
        pool.update(slow(spec().policy(policy).cluster(1, 2, 3)));
        assertThat(pool.isRestless()).isTrue();
        assertThat(starts()).isEqualTo(1);
        for (int step = 1; step <= 10; step++) {
            double expected = step / (20.0 + step);
            assertThat(share(pool, 3)).as("step %s", step).isCloseTo(expected, within(0.015));
            ticker.advance(Duration.ofSeconds(3));
            pool.pulse();
        }
        assertThat(share(pool, 3)).isCloseTo(1 / 3.0, within(0.015));
        assertThat(pool.isRestless()).isFalse();
        assertThat(IntStream.rangeClosed(1, 3).map(number -> weight(pool, number)))
                .as("weights are what the specs say again")
                .containsOnly(1);
    }

    /** The empty one would be the best in the eyes of these policies, and take every connection. */
    @ParameterizedTest
    @CsvSource({"least-connections", "two-choices"})
    void policiesThatLookAtLoadDoNotFloodANewEndpoint(String policy) {
        BackendPool pool = pool(spec().policy(policy).cluster(1, 2));
        for (Backend backend : pool.listed(EndpointSet.CLUSTER)) {
            IntStream.range(0, 100).forEach(i -> backend.lease());
        }
        pool.update(slow(spec().policy(policy).cluster(1, 2, 3)));
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        for (int client = 0; client < 100; client++) {
            balancer.pick(Backends.from(client)).backend().lease();
        }
        Backend fresh = pool.listed(EndpointSet.CLUSTER).get(2);
        assertThat(fresh.active()).as("a tenth of what the others have").isBetween(5, 16);
    }

    @Test
    void whereAllAreNewNobodyIsSlow() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        assertThat(pool.isRestless()).as("the first table").isFalse();
        pool.update(slow(spec().cluster(4, 5, 6)));
        assertThat(pool.isRestless()).as("all replaced").isFalse();
        pool.update(slow(spec()));
        pool.update(slow(spec().cluster(4)));
        assertThat(pool.isRestless()).as("back from nothing").isFalse();
        assertThat(starts()).isZero();
        assertThat(weight(pool, 1)).isEqualTo(1);
    }

    @Test
    void whenTheOldOnesGoTheNewOnesAreSlowNoLonger() {
        BackendPool pool = pool(spec().cluster(1, 2));
        pool.update(slow(spec().cluster(1, 2, 3)));
        pool.update(slow(spec().cluster(3, 4)));
        assertThat(pool.isRestless()).isFalse();
        assertThat(share(pool, 3)).isCloseTo(0.5, within(0.015));
    }

    @Test
    void weightsAreHeededMeanwhile() {
        BackendPool pool = pool(spec().weighted(1, 1).weighted(2, 3));
        pool.update(slow(spec().weighted(1, 1).weighted(2, 3).weighted(3, 4)));
        ticker.advance(Duration.ofSeconds(15));
        pool.pulse();
        assertThat(IntStream.rangeClosed(1, 3).map(number -> weight(pool, number)))
                .containsExactly(10, 30, 24);
        assertThat(share(pool, 2)).isCloseTo(30 / 64.0, within(0.015));
    }

    @Test
    void withoutTheRuleANewEndpointHasItsShareAtOnce() {
        BackendPool pool = pool(spec().cluster(1, 2));
        pool.update(spec().cluster(1, 2, 3).build());
        assertThat(pool.isRestless()).isFalse();
        assertThat(share(pool, 3)).isCloseTo(1 / 3.0, within(0.015));
        pool.update(slow(spec().cluster(1, 2, 3)));
        assertThat(pool.isRestless()).as("it is not new any more").isFalse();
    }
}
