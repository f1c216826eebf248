package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class LeastConnectionsTest {

    @Nested
    class Contract extends BalancerContract {
        Contract() {
            super("least-connections");
        }
    }

    /**
     * With m the smallest load per weight, a candidate of weight w has from m w to m w + 1 connections. So it is never
     * more than 1 above its share, nor more than n w / W below: with 13 candidates at most and 9100 connections, one in
     * 700 of the share.
     */
    @Nested
    class Distribution extends LoadDistribution {
        Distribution() {
            super("least-connections", share -> Math.max(1, share / 700));
        }
    }

    @Test
    void theLeastLoadedIsPickedWhereverItStands() {
        for (int least = 0; least < 6; least++) {
            List<Backend> candidates = Backends.equal(6);
            for (int i = 0; i < 6; i++) {
                occupy(candidates.get(i), i == least ? 3 : 4 + i);
            }
            Pick pick = over(candidates).pick(Backends.from(1));
            assertThat(pick.backend()).isSameAs(candidates.get(least));
            assertThat(pick.reason()).hasToString("least-connections: 3 active, the fewest of 6");
        }
    }

    @Test
    void aBurstSpreadsBeforeAnythingIsConnected() {
        List<Backend> candidates = Backends.equal(7);
        Balancer balancer = over(candidates);
        for (int connection = 0; connection < 700; connection++) {
            balancer.pick(Backends.from(connection)).backend().lease();
            List<Integer> loads = candidates.stream().map(Backend::active).toList();
            assertThat(loads.stream().mapToInt(i -> i).max().orElseThrow()
                            - loads.stream().mapToInt(i -> i).min().orElseThrow())
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void weightsDivideTheLoad() {
        // connections, weight; the last one is to be picked
        int[][][] cases = {
            {{2, 1}, {3, 2}}, // 2 against 1.5
            {{1, 1}, {1, 2}},
            {{999_999, 1000}, {999, 1}}, // 999.999 against 999: division of integers would see equals
            {{3_000_000, 999}, {3_000_000, 1000}}, // products beyond 32 bits
            {{5, 1}, {499, 100}},
        };
        for (int[][] loads : cases) {
            Backend busier = Backends.backend(1, loads[0][1]);
            Backend freer = Backends.backend(2, loads[1][1]);
            occupy(busier, loads[0][0]);
            occupy(freer, loads[1][0]);
            for (int i = 0; i < 10; i++) {
                assertThat(over(List.of(busier, freer)).pick(Backends.from(i)).backend())
                        .isSameAs(freer);
                assertThat(over(List.of(freer, busier)).pick(Backends.from(i)).backend())
                        .isSameAs(freer);
            }
        }
    }

    @Test
    void equalsHaveEqualChancesEvenSideBySide() {
        List<Backend> candidates = Backends.equal(10);
        IntStream.range(0, 10).filter(i -> i != 4 && i != 5).forEach(i -> occupy(candidates.get(i), 1));
        assertFits(candidates, 0, 0, 0, 0, 0.5, 0.5, 0, 0, 0, 0);
    }

    @Test
    void anIdleServiceFollowsTheWeights() {
        assertFits(Backends.weighted(1, 2, 5), 1 / 8.0, 2 / 8.0, 5 / 8.0);
    }

    private static void assertFits(List<Backend> candidates, double... shares) {
        Balancer balancer = over(candidates);
        int[] observed = new int[shares.length];
        for (int i = 0; i < 3000; i++) {
            observed[candidates.indexOf(balancer.pick(Backends.from(i)).backend())]++;
        }
        List<Integer> possible = new ArrayList<>();
        for (int i = 0; i < shares.length; i++) {
            if (shares[i] > 0) {
                possible.add(i);
            } else {
                assertThat(observed[i]).isZero();
            }
        }
        int[] counts = possible.stream().mapToInt(i -> observed[i]).toArray();
        double[] expected = possible.stream().mapToDouble(i -> shares[i]).toArray();
        assertThat(ChiSquare.statistic(counts, expected)).isLessThan(ChiSquare.critical(counts.length - 1));
    }

    @Test
    void aNewBackendCatchesUp() {
        List<Backend> candidates = Backends.equal(3);
        candidates.forEach(backend -> occupy(backend, 10));
        Backend added = Backends.backend(4, 1);
        List<Backend> more = new ArrayList<>(candidates);
        more.add(added);
        Balancer balancer = over(candidates).with(more);
        for (int connection = 0; connection < 10; connection++) {
            balancer.pick(Backends.from(connection)).backend().lease();
        }
        assertThat(added.active()).isEqualTo(10);
    }

    private static Balancer over(List<Backend> candidates) {
        return new LeastConnections(candidates, RandomSource.seeded(17));
    }

    private static void occupy(Backend backend, int connections) {
        for (int i = 0; i < connections; i++) {
            backend.lease();
        }
    }
}
