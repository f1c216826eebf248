package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.podlb.server.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * How many of many long connections each backend gets, as a service is deployed, shrinks, grows and is weighted.
 * A subclass names the policy and states by how many connections a backend may miss its share, given that share.
 */
abstract class LoadDistribution {

    /** Divisible by 7, 10, 13 and 20: whole cycles in each phase. */
    private static final int CONNECTIONS = 9100;

    private final String policy;
    private final DoubleUnaryOperator bound;

    LoadDistribution(String policy, DoubleUnaryOperator bound) {
        this.policy = policy;
        this.bound = bound;
    }

    private Balancer over(List<Backend> candidates) {
        return Policies.standard(RandomSource.seeded(11)).create(policy, candidates);
    }

    @Test
    void deployed() {
        assertSpread(over(Backends.equal(10)));
    }

    @Test
    void shrunk() {
        List<Backend> before = Backends.equal(10);
        Balancer balancer = over(before);
        assertSpread(balancer);
        assertSpread(balancer.with(before.subList(2, 9)));
    }

    @Test
    void grown() {
        List<Backend> before = Backends.equal(10);
        Balancer balancer = over(before);
        assertSpread(balancer);
        List<Backend> after = new ArrayList<>(before);
        for (int number = 11; number <= 13; number++) {
            after.add(Backends.backend(number, 1));
        }
        assertSpread(balancer.with(after));
    }

    @Test
    void weighted() {
        assertSpread(over(Backends.weighted(1, 2, 3, 4, 4, 3, 2, 1)));
    }

    @Test
    void weightedEquallyIsNotWeighted() {
        assertSpread(over(Backends.weighted(50, 50, 50, 50, 50, 50, 50)));
    }

    @Test
    void reweighted() {
        List<Backend> candidates = Backends.equal(10);
        Balancer balancer = over(candidates);
        assertSpread(balancer);
        candidates.get(3).weight(11);
        assertSpread(balancer.with(candidates));
    }

    private void assertSpread(Balancer balancer) {
        Map<Backend, Integer> counts = new LinkedHashMap<>();
        balancer.candidates().forEach(candidate -> counts.put(candidate, 0));
        for (int client = 0; client < CONNECTIONS; client++) {
            Backend picked = balancer.pick(Backends.from(client)).backend();
            picked.lease();
            counts.merge(picked, 1, Integer::sum);
        }
        double total = balancer.candidates().stream().mapToInt(Backend::weight).sum();
        counts.forEach((backend, count) -> {
            double share = CONNECTIONS * backend.weight() / total;
            assertThat((double) count)
                    .as("connections of %s at weight %d, all: %s", backend, backend.weight(), counts)
                    .isCloseTo(share, within(bound.applyAsDouble(share)));
            for (int i = 0; i < count; i++) {
                backend.release();
            }
        });
    }
}
