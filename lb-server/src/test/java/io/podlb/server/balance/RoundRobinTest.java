package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RoundRobinTest {

    @Nested
    class Contract extends BalancerContract {
        Contract() {
            super("round-robin");
        }
    }

    /** Whole cycles are exact, wherever they begin. */
    @Nested
    class Distribution extends LoadDistribution {
        Distribution() {
            super("round-robin", share -> 0);
        }
    }

    @Test
    void turnsFollowTheList() {
        List<Backend> candidates = Backends.equal(3);
        Balancer balancer = new RoundRobin(candidates, new AtomicLong());
        assertThat(indices(balancer, 7)).containsExactly(0, 1, 2, 0, 1, 2, 0);
    }

    @Test
    void theFirstTurnIsRandom() {
        Set<Integer> starts = new HashSet<>();
        RandomSource random = RandomSource.seeded(3);
        for (int node = 0; node < 60; node++) {
            starts.add(indices(new RoundRobin(List.of(), random).with(Backends.equal(5)), 1)
                    .get(0));
        }
        assertThat(starts).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
    }

    @Test
    void anUpdateDoesNotStartOver() {
        List<Backend> candidates = Backends.equal(3);
        Balancer balancer = new RoundRobin(candidates, new AtomicLong());
        List<Integer> turns = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            balancer = balancer.with(candidates);
            turns.addAll(indices(balancer, 1));
        }
        assertThat(turns).containsExactly(0, 1, 2, 0, 1, 2);
    }

    @Test
    void anEmptyListInBetweenDoesNotStartOver() {
        List<Backend> candidates = Backends.equal(4);
        Balancer balancer = new RoundRobin(candidates, new AtomicLong());
        indices(balancer, 2);
        assertThat(indices(balancer.with(List.of()).with(candidates), 2)).containsExactly(2, 3);
    }

    @Test
    void turnsAreExactOnAllThreadsTogether() throws Exception {
        List<Backend> candidates = Backends.weighted(1, 2, 5);
        for (Balancer balancer : List.of(
                new RoundRobin(candidates, new AtomicLong()), new RoundRobin(Backends.equal(8), new AtomicLong()))) {
            ExecutorService eventLoops = Executors.newFixedThreadPool(4);
            try {
                Callable<Void> picks = () -> {
                    for (int i = 0; i < 8_000; i++) {
                        balancer.pick(Backends.from(1)).backend().lease();
                    }
                    return null;
                };
                for (Future<Void> done : eventLoops.invokeAll(Collections.nCopies(4, picks))) {
                    done.get();
                }
            } finally {
                eventLoops.shutdownNow();
            }
            assertThat(balancer.candidates())
                    .allSatisfy(backend -> assertThat(backend.active()).isEqualTo(4_000 * backend.weight()));
        }
    }

    @Test
    void theCounterMayWrapAround() {
        for (List<Backend> candidates : List.of(Backends.equal(7), Backends.weighted(3, 1, 2))) {
            Balancer balancer = new RoundRobin(candidates, new AtomicLong(Long.MAX_VALUE - 20));
            List<Integer> turns = indices(balancer, 60);
            assertThat(new HashSet<>(turns)).hasSize(candidates.size());
            PickContext context = Backends.from(1);
            context.exclude(candidates.get(0));
            Balancer again = new RoundRobin(candidates, new AtomicLong(Long.MAX_VALUE));
            assertThat(candidates.subList(1, candidates.size()))
                    .contains(again.pick(context).backend());
        }
    }

    @Test
    void anyRunOfTheTotalWeightIsExactAndTurnsInterleave() {
        int[][] cases = {
            {5, 1, 1},
            {3, 2, 1},
            {1, 1, 1, 7},
            {10, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
            {10, 20, 30},
            {1000, 1},
            {1000, 999},
            {7, 7, 7, 1},
            {100, 1, 50, 25, 3}
        };
        for (int[] weights : cases) {
            int total = IntStream.of(weights).sum();
            List<Integer> turns = indices(new RoundRobin(Backends.weighted(weights), new AtomicLong(5)), 2 * total);
            for (int from = 0; from <= total; from += 1 + total / 50) {
                for (int i = 0; i < weights.length; i++) {
                    assertThat(Collections.frequency(turns.subList(from, from + total), i))
                            .isEqualTo(weights[i]);
                }
            }
            assertThat(worstDeviation(turns, weights)).as("%s", turns).isLessThan(2);
        }
    }

    /** By how many picks a candidate is ever ahead of or behind its share, over all runs that begin at the first pick. */
    private static double worstDeviation(List<Integer> turns, int[] weights) {
        double total = IntStream.of(weights).sum();
        int[] counts = new int[weights.length];
        double worst = 0;
        for (int done = 1; done <= turns.size(); done++) {
            counts[turns.get(done - 1)]++;
            for (int i = 0; i < weights.length; i++) {
                worst = Math.max(worst, Math.abs(counts[i] - done * weights[i] / total));
            }
        }
        return worst;
    }

    @Test
    void theNeighbourOfADeadBackendGetsNoMoreThanTheOthers() {
        for (List<Backend> candidates : List.of(Backends.equal(4), Backends.weighted(3, 3, 3, 1))) {
            Balancer balancer = new RoundRobin(candidates, new AtomicLong());
            Backend dead = candidates.get(1);
            for (int connection = 0; connection < 2100; connection++) {
                PickContext context = Backends.from(1);
                Backend picked = balancer.pick(context).backend();
                if (picked == dead) {
                    context.exclude(dead);
                    picked = balancer.pick(context).backend();
                }
                picked.lease();
            }
            int living = candidates.stream().mapToInt(Backend::weight).sum() - dead.weight();
            assertThat(candidates.stream().filter(backend -> backend != dead))
                    .allSatisfy(backend -> assertThat(backend.active())
                            .isBetween(2100 * backend.weight() / living - 1, 2100 * backend.weight() / living + 1));
        }
    }

    @Test
    void reasonsNameTheTurn() {
        Balancer equal = new RoundRobin(Backends.equal(3), new AtomicLong(4));
        assertThat(equal.pick(Backends.from(1)).reason()).hasToString("round-robin: turn 2 of 3");
        Balancer weighted = new RoundRobin(Backends.weighted(5, 1, 1), new AtomicLong());
        assertThat(weighted.pick(Backends.from(1)).reason())
                .hasToString("round-robin by weight: one of its 5 turns of 7");
    }

    private static List<Integer> indices(Balancer balancer, int picks) {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < picks; i++) {
            indices.add(balancer.candidates()
                    .indexOf(balancer.pick(Backends.from(i)).backend()));
        }
        return indices;
    }
}
