package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class WeightedRandomTest {

    private static final int PICKS = 3000;

    @Nested
    class Contract extends BalancerContract {
        Contract() {
            super("random");
        }
    }

    /** Counts are binomial, of a deviation below the root of the share: five of it, once in two million. */
    @Nested
    class Distribution extends LoadDistribution {
        Distribution() {
            super("random", share -> 5 * Math.sqrt(share));
        }
    }

    @Test
    void equalWeightsAreUniform() {
        // 8.1
        for (int backends : new int[] {2, 3, 10, 100}) {
            List<Backend> candidates = Backends.equal(backends);
            double[] shares = IntStream.range(0, backends)
                    .mapToDouble(i -> 1.0 / backends)
                    .toArray();
            assertFits(candidates, List.of(), shares);
        }
    }

    @Test
    void differentWeightsAreShares() {
        assertFits(Backends.weighted(1, 2, 3, 4), List.of(), 0.1, 0.2, 0.3, 0.4);
        assertFits(Backends.weighted(1000, 200, 800), List.of(), 0.5, 0.1, 0.4);
    }

    @Test
    void withoutTheTriedOnesTheOthersKeepTheirProportions() {
        List<Backend> equal = Backends.equal(4);
        assertFits(equal, equal.subList(1, 2), 1 / 3.0, 0, 1 / 3.0, 1 / 3.0);
        List<Backend> weighted = Backends.weighted(6, 3, 2, 1);
        assertFits(weighted, weighted.subList(0, 1), 0, 3 / 6.0, 2 / 6.0, 1 / 6.0);
        assertFits(weighted, weighted.subList(1, 3), 6 / 7.0, 0, 0, 1 / 7.0);
    }

    private static void assertFits(List<Backend> candidates, List<Backend> tried, double... shares) {
        Balancer balancer = new WeightedRandom(candidates, RandomSource.seeded(42));
        int[] observed = new int[candidates.size()];
        for (int i = 0; i < PICKS; i++) {
            PickContext context = Backends.from(1);
            tried.forEach(context::exclude);
            observed[candidates.indexOf(balancer.pick(context).backend())]++;
        }
        int[] possible = IntStream.range(0, shares.length)
                .filter(i -> shares[i] > 0)
                .map(i -> observed[i])
                .toArray();
        double[] nonZero = IntStream.range(0, shares.length)
                .mapToDouble(i -> shares[i])
                .filter(s -> s > 0)
                .toArray();
        assertThat(IntStream.of(possible).sum()).isEqualTo(PICKS);
        assertThat(ChiSquare.statistic(possible, nonZero)).isLessThan(ChiSquare.critical(possible.length - 1));
    }

    @Test
    void reasonsNameTheChance() {
        List<Backend> candidates = Backends.weighted(20, 20, 60);
        PickContext context = Backends.from(1);
        context.exclude(candidates.get(2));
        Balancer balancer = new WeightedRandom(candidates, RandomSource.seeded(1));
        assertThat(balancer.pick(context).reason()).hasToString("random by weight: 20 of 40");
        assertThat(balancer.with(candidates.subList(0, 2))
                        .pick(Backends.from(1))
                        .reason())
                .hasToString("random: one of 2");
    }
}
