package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What every policy owes its callers. A subclass names the policy. */
abstract class BalancerContract {

    private static final int THREADS = 4;

    private final String policy;

    BalancerContract(String policy) {
        this.policy = policy;
    }

    private Balancer over(List<Backend> candidates) {
        return Policies.standard(RandomSource.seeded(7)).create(policy, candidates);
    }

    @Test
    void whereThereIsNobodyNobodyIsPicked() {
        assertThat(over(List.of()).pick(Backends.from(1))).isNull();
        assertThat(over(Backends.equal(3)).with(List.of()).pick(Backends.from(1)))
                .isNull();
    }

    @Test
    void theOnlyCandidateIsPickedBecauseItIsTheOnlyOne() {
        List<Backend> one = Backends.weighted(5);
        assertThat(over(one).pick(Backends.from(1))).isEqualTo(new Pick(one.get(0), new PickReason.Only()));
    }

    @Test
    void everyCandidateIsPickedSometime() {
        List<Backend> candidates = Backends.weighted(3, 1, 1, 2, 1);
        Balancer balancer = over(candidates);
        Set<Backend> picked = new HashSet<>();
        for (int client = 0; client < 500; client++) {
            picked.add(balancer.pick(Backends.from(client)).backend());
        }
        assertThat(picked).containsExactlyInAnyOrderElementsOf(candidates);
    }

    @Test
    void whatWasTriedIsNotPickedAgainAndInTheEndNobodyIs() {
        for (List<Backend> candidates : List.of(Backends.equal(5), Backends.weighted(1000, 1, 1, 7, 1))) {
            Balancer balancer = over(candidates);
            for (int client = 0; client < 300; client++) {
                PickContext context = Backends.from(client);
                List<Backend> picked = new ArrayList<>();
                for (Pick pick = balancer.pick(context); pick != null; pick = balancer.pick(context)) {
                    assertThat(picked).doesNotContain(pick.backend());
                    assertThat(pick.reason() instanceof PickReason.Only).isEqualTo(context.tries() == 4);
                    picked.add(pick.backend());
                    context.exclude(pick.backend());
                }
                assertThat(picked).containsExactlyInAnyOrderElementsOf(candidates);
            }
        }
    }

    @Test
    void whatWasTriedUnderAnEarlierListTakesNothingFromThisOne() {
        List<Backend> candidates = Backends.equal(3);
        Balancer balancer = over(candidates);
        Set<Backend> picked = new HashSet<>();
        for (int client = 0; client < 300; client++) {
            PickContext context = Backends.from(client);
            context.exclude(Backends.backend(200, 1));
            picked.add(balancer.pick(context).backend());
        }
        assertThat(picked).containsExactlyInAnyOrderElementsOf(candidates);
    }

    @Test
    void theListIsFrozenInTheOrderGiven() {
        List<Backend> given = Backends.weighted(1, 2, 3);
        List<Backend> unchanged = List.copyOf(given);
        Balancer balancer = over(given);
        given.clear();
        assertThat(balancer.candidates()).isEqualTo(unchanged);
        for (int client = 0; client < 20; client++) {
            assertThat(unchanged).contains(balancer.pick(Backends.from(client)).backend());
        }
    }

    @Test
    void aWeightThatChangesUnderTheListIsSeenByTheNextListOnly() {
        List<Backend> candidates = Backends.weighted(1, 1000);
        Balancer balancer = over(candidates);
        candidates.get(0).weight(1000);
        candidates.get(1).weight(1);
        assertThat(picksOf(candidates.get(1), balancer)).isGreaterThan(900);
        assertThat(picksOf(candidates.get(1), balancer.with(candidates))).isLessThan(100);
    }

    private static int picksOf(Backend backend, Balancer balancer) {
        int picks = 0;
        for (int client = 0; client < 1000; client++) {
            picks += balancer.pick(Backends.from(client)).backend() == backend ? 1 : 0;
        }
        return picks;
    }

    @Test
    void withAnotherListPicksFromThatOneAndLeavesTheFirstAsItWas() {
        List<Backend> before = Backends.equal(3);
        List<Backend> after = List.of(Backends.backend(50, 1), Backends.backend(51, 1), before.get(2));
        Balancer first = over(before);
        Balancer second = first.with(after);
        assertThat(second.candidates()).isEqualTo(after);
        Set<Backend> fromFirst = new HashSet<>();
        Set<Backend> fromSecond = new HashSet<>();
        for (int client = 0; client < 300; client++) {
            fromFirst.add(first.pick(Backends.from(client)).backend());
            fromSecond.add(second.pick(Backends.from(client)).backend());
        }
        assertThat(fromFirst).containsExactlyInAnyOrderElementsOf(before);
        assertThat(fromSecond).containsExactlyInAnyOrderElementsOf(after);
    }

    @Test
    void theSameSeedAndClientsGiveTheSamePicks() {
        assertThat(addressesPicked()).isEqualTo(addressesPicked());
    }

    private List<String> addressesPicked() {
        Balancer balancer = over(Backends.weighted(1, 2, 3, 4));
        List<String> picked = new ArrayList<>();
        for (int client = 0; client < 200; client++) {
            Pick pick = balancer.pick(Backends.from(client));
            pick.backend().lease();
            picked.add(pick.backend() + " " + pick.reason());
        }
        return picked;
    }

    @Test
    void reasonsAreClausesForPeople() {
        for (List<Backend> candidates : List.of(Backends.equal(3), Backends.weighted(1, 2, 3))) {
            String reason = over(candidates).pick(Backends.from(1)).reason().toString();
            assertThat(reason).contains(policy).doesNotContain("[").doesNotContain("\n");
        }
    }

    @Test
    void manyThreadsPickWhileTheListChanges() throws Exception {
        List<Backend> most = Backends.weighted(1, 1, 2, 3, 5, 8);
        List<Backend> fewer = most.subList(1, 4);
        AtomicReference<Balancer> current = new AtomicReference<>(over(most));
        CountDownLatch running = new CountDownLatch(THREADS);
        ExecutorService eventLoops = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Integer>> outcomes = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int firstClient = thread * 10_000;
                Callable<Integer> picks = () -> {
                    running.countDown();
                    running.await();
                    int strangers = 0;
                    for (int client = firstClient; client < firstClient + 10_000; client++) {
                        Balancer balancer = current.get();
                        PickContext context = Backends.from(client);
                        Backend tried = balancer.pick(context).backend();
                        context.exclude(tried);
                        Backend picked = balancer.pick(context).backend();
                        picked.lease();
                        strangers += picked != tried && balancer.candidates().contains(picked) ? 0 : 1;
                        picked.release();
                    }
                    return strangers;
                };
                outcomes.add(eventLoops.submit(picks));
            }
            running.await();
            for (int change = 0; change < 200; change++) {
                current.set(current.get().with(change % 2 == 0 ? fewer : most));
            }
            for (Future<Integer> outcome : outcomes) {
                assertThat(outcome.get(30, TimeUnit.SECONDS)).isZero();
            }
        } finally {
            eventLoops.shutdownNow();
        }
        assertThat(most).allSatisfy(backend -> assertThat(backend.active()).isZero());
    }
}
