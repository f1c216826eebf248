package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class TwoChoicesTest {

    @Nested
    class Contract extends BalancerContract {
        Contract() {
            super("two-choices");
        }
    }

    /**
     * The better of two keeps all loads within O(log n) of the mean, whatever the number of connections (Berenbrink,
     * Czumaj, Steger, Vöcking 2006): 8 for twice the logarithm of 13. One random choice would drift off with the root of
     * the share, by some 30 connections here.
     */
    @Nested
    class Distribution extends LoadDistribution {
        Distribution() {
            super("two-choices", share -> 8);
        }
    }

    @Test
    void ofTwoTheBusierIsNeverPicked() {
        List<Backend> candidates = Backends.equal(2);
        candidates.get(0).lease();
        Balancer balancer = over(candidates);
        for (int i = 0; i < 1000; i++) {
            assertThat(balancer.pick(Backends.from(i)).backend()).isSameAs(candidates.get(1));
        }
    }

    @Test
    void noneIsComparedWithItself() {
        for (List<Backend> candidates : List.of(Backends.equal(3), Backends.weighted(1000, 1, 20))) {
            for (Backend tried : new Backend[] {null, candidates.get(2), candidates.get(0)}) {
                Balancer balancer = over(candidates);
                for (int i = 0; i < 1000; i++) {
                    PickContext context = Backends.from(i);
                    if (tried != null) {
                        context.exclude(tried);
                    }
                    Pick pick = balancer.pick(context);
                    PickReason.TwoChoices reason = (PickReason.TwoChoices) pick.reason();
                    assertThat(pick.backend()).isNotSameAs(tried);
                    assertThat(reason.other()).isNotEqualTo(pick.backend().address());
                    if (tried != null) {
                        assertThat(reason.other()).isNotEqualTo(tried.address());
                    }
                }
            }
        }
    }

    @Test
    void ofTwoThatAreLeftTheBusierIsNeverPicked() {
        List<Backend> candidates = Backends.weighted(1, 3, 3);
        candidates.get(1).lease();
        Balancer balancer = over(candidates);
        for (int i = 0; i < 1000; i++) {
            PickContext context = Backends.from(i);
            context.exclude(candidates.get(0));
            assertThat(balancer.pick(context).backend()).isSameAs(candidates.get(2));
        }
    }

    @Test
    void theBusiestOfManyIsNeverPicked() {
        List<Backend> candidates = Backends.equal(5);
        candidates.get(3).lease();
        Balancer balancer = over(candidates);
        for (int i = 0; i < 1000; i++) {
            assertThat(balancer.pick(Backends.from(i)).backend()).isNotSameAs(candidates.get(3));
        }
    }

    @Test
    void weightsDivideTheLoad() {
        List<Backend> candidates = Backends.weighted(1, 3);
        candidates.get(0).lease();
        candidates.get(1).lease();
        candidates.get(1).lease();
        Pick pick = over(candidates).pick(Backends.from(1));
        assertThat(pick.backend()).isSameAs(candidates.get(1));
        assertThat(pick.reason()).hasToString("two-choices: 2 active at weight 3, against 10.244.0.1:80 with 1 active");
    }

    @Test
    void anIdleServiceFollowsTheWeights() {
        List<Backend> candidates = Backends.weighted(1, 2, 5);
        Balancer balancer = over(candidates);
        int[] observed = new int[3];
        for (int i = 0; i < 3000; i++) {
            observed[candidates.indexOf(balancer.pick(Backends.from(i)).backend())]++;
        }
        assertThat(ChiSquare.statistic(observed, new double[] {1 / 8.0, 2 / 8.0, 5 / 8.0}))
                .isLessThan(ChiSquare.critical(2));
    }

    private static Balancer over(List<Backend> candidates) {
        return new TwoChoices(candidates, RandomSource.seeded(23));
    }
}
