package io.podlb.server.balance;

import static io.podlb.server.balance.SpecBuilder.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** ClientIP session affinity, seen through the pool of a service port. */
class SessionAffinityTest {

    private static final Duration THREE_HOURS = Duration.ofSeconds(10_800);
    private static final Duration MILLI = Duration.ofMillis(1);

    private final FakeTicker ticker = new FakeTicker();

    @Test
    void aClientStaysWithItsEndpointAndSaysWhy() {
        // 8.2
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        Backend first = connect(pool, 1);
        for (int i = 0; i < 50; i++) {
            Pick pick = pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(1));
            assertThat(pick.backend()).isSameAs(first);
            assertThat(pick.reason()).isInstanceOf(PickReason.Affinity.class);
        }
    }

    @Test
    void clientsAreSpread() {
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        int[] observed = new int[5];
        for (int client = 0; client < 3000; client++) {
            observed[pool.balancer(EndpointSet.CLUSTER).candidates().indexOf(connect(pool, client))]++;
        }
        assertThat(ChiSquare.statistic(observed, new double[] {0.2, 0.2, 0.2, 0.2, 0.2}))
                .isLessThan(ChiSquare.critical(4));
    }

    @Test
    void eachConnectionMovesTheWindowAndWithoutOneItRunsOut() {
        // 8.3
        for (Duration timeout : List.of(Duration.ofSeconds(1), Duration.ofSeconds(2), THREE_HOURS)) {
            assertThat(staysAfter(timeout, timeout.minus(MILLI)))
                    .as("%s", timeout)
                    .isTrue();
            assertThat(staysAfter(timeout, timeout)).as("%s", timeout).isFalse();
        }
    }

    @Test
    void aConnectionSoonAfterAnotherCountsInFull() {
        // 8.3: each new connection renews the window, also one that follows within a second
        BackendPool pool = pool(sticky(Duration.ofSeconds(5)).build());
        Backend first = connect(pool, 1);
        ticker.advance(Duration.ofMillis(900));
        connect(pool, 1);
        ticker.advance(Duration.ofMillis(4_999));
        assertSticks(pool, 1, first);
    }

    /** Whether all of many clients, each connected thrice at that interval, are where they were. */
    private boolean staysAfter(Duration timeout, Duration interval) {
        BackendPool pool = pool(sticky(timeout).build());
        List<List<Backend>> rounds = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            List<Backend> picked = new ArrayList<>();
            for (int client = 0; client < 100; client++) {
                picked.add(connect(pool, client));
            }
            rounds.add(picked);
            ticker.advance(interval);
        }
        return new HashSet<>(rounds).size() == 1;
    }

    @Test
    void aPickAloneRenewsNothing() {
        // 8.3, 8.7: or a client that retries a dead endpoint would never be rid of it
        BackendPool pool = pool(sticky(Duration.ofSeconds(60)).build());
        for (int client = 0; client < 50; client++) {
            connect(pool, client);
        }
        ticker.advance(Duration.ofSeconds(40));
        for (int client = 0; client < 50; client++) {
            pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(client));
        }
        ticker.advance(Duration.ofSeconds(20));
        assertThat(affinityPicks(pool, 50)).isZero();
    }

    @Test
    void aFailedDialDropsTheRecordAndTheNextEndpointIsRecorded() {
        // 8.7
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        Backend dead = connect(pool, 1);
        PickContext context = Backends.from(1);
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        assertThat(balancer.pick(context).backend()).isSameAs(dead);
        balancer.failed(context, dead);
        context.exclude(dead);
        Backend second = balancer.pick(context).backend();
        assertThat(second).isNotSameAs(dead);
        balancer.connected(context, second);
        assertSticks(pool, 1, second);
    }

    @Test
    void aFailureOfAnEarlierEndpointLeavesTheRecordOfTheLaterOne() {
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        PickContext slow = Backends.from(1);
        Backend dead = balancer.pick(slow).backend();
        PickContext quick = Backends.from(1);
        balancer.failed(quick, dead);
        quick.exclude(dead);
        Backend second = balancer.pick(quick).backend();
        balancer.connected(quick, second);
        balancer.failed(slow, dead);
        assertSticks(pool, 1, second);
    }

    @Test
    void aLateSuccessDoesNotMoveAClientThatHasChosenSince() {
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        PickContext slow = Backends.from(1);
        Backend first = balancer.pick(slow).backend();
        PickContext quick = Backends.from(1);
        balancer.failed(quick, first);
        quick.exclude(first);
        Backend second = balancer.pick(quick).backend();
        balancer.connected(slow, first);
        assertSticks(pool, 1, second);
    }

    @Test
    void whereAllFailedNobodyIsRemembered() {
        BackendPool pool = pool(sticky(THREE_HOURS).cluster(1).build());
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        PickContext context = Backends.from(1);
        Backend only = balancer.pick(context).backend();
        balancer.failed(context, only);
        context.exclude(only);
        assertThat(balancer.pick(context)).isNull();
        assertThat(balancer.pick(Backends.from(1)).reason()).isInstanceOf(PickReason.Only.class);
    }

    @Test
    void aRemovedEndpointLosesItsClientsAtOnce() {
        // 8.4, 22
        BackendPool pool = pool(sticky(THREE_HOURS).cluster(1, 2, 3).build());
        for (int client = 0; client < 100; client++) {
            connect(pool, client);
        }
        pool.update(sticky(THREE_HOURS).cluster(1, 3).build());
        Set<String> picked = new HashSet<>();
        for (int client = 0; client < 100; client++) {
            picked.add(connect(pool, client).toString());
        }
        assertThat(picked).containsExactlyInAnyOrder("10.244.0.1:80", "10.244.0.3:80");
        assertThat(affinityPicks(pool, 100)).isEqualTo(100);
    }

    @Test
    void otherEndpointsComeAndGoWithoutMovingAClient() {
        // 8.5
        BackendPool pool = pool(sticky(THREE_HOURS).cluster(1, 2, 3, 4, 5).build());
        Backend first = connect(pool, 1);
        int stays = Integer.parseInt(first.toString().replaceAll(".*\\.(\\d+):80", "$1"));
        int other = stays == 5 ? 4 : 5;
        for (int[] numbers : new int[][] {{stays}, {6, 7, 8, stays}, {stays, other}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}) {
            pool.update(sticky(THREE_HOURS).cluster(numbers).build());
            assertSticks(pool, 1, first);
        }
    }

    @Test
    void turnedOffItSpreadsAtOnceAndTurnedOnItStartsFresh() {
        // 8.6
        SpecBuilder on = sticky(THREE_HOURS);
        BackendPool pool = pool(on.build());
        for (int client = 0; client < 100; client++) {
            connect(pool, client);
        }
        pool.update(on.affinity(null).build());
        assertThat(affinityPicks(pool, 100)).isZero();
        assertThat(picksOf(pool, 1, 200)).hasSize(5);
        pool.update(on.build());
        assertThat(affinityPicks(pool, 100)).isZero();
        Backend fresh = connect(pool, 1);
        assertSticks(pool, 1, fresh);
    }

    @Test
    void aChangedTimeoutTakesEffectOnTheRecordsThatExist() {
        // 8.6
        BackendPool shorter = pool(sticky(Duration.ofSeconds(60)).build());
        Backend first = connect(shorter, 1);
        ticker.advance(Duration.ofSeconds(30));
        assertSticks(shorter, 1, first);
        shorter.update(sticky(Duration.ofSeconds(20)).build());
        assertThat(affinityPicks(shorter, 2)).isZero();

        BackendPool longer = pool(sticky(Duration.ofSeconds(10)).build());
        Backend other = connect(longer, 1);
        longer.update(sticky(Duration.ofSeconds(100)).build());
        ticker.advance(Duration.ofSeconds(99));
        assertSticks(longer, 1, other);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(affinityPicks(longer, 2)).isZero();
    }

    @Test
    void theRecordIsSharedByTheClusterAndTheLocalSet() {
        // 8.2, 8.4
        BackendPool pool =
                pool(sticky(THREE_HOURS).cluster(1, 2, 3, 4, 5).local(2, 3).build());
        for (int client = 0; client < 50; client++) {
            Backend local = connect(pool, EndpointSet.LOCAL, client);
            assertThat(local.toString()).isIn("10.244.0.2:80", "10.244.0.3:80");
            assertThat(connect(pool, EndpointSet.CLUSTER, client)).isSameAs(local);
        }
        for (int client = 50; client < 100; client++) {
            Backend cluster = connect(pool, EndpointSet.CLUSTER, client);
            Backend local = connect(pool, EndpointSet.LOCAL, client);
            boolean both = pool.balancer(EndpointSet.LOCAL).candidates().contains(cluster);
            assertThat(local == cluster).isEqualTo(both);
            assertSticks(pool, client, local);
        }
    }

    @Test
    void servicePortsAreIndependent() {
        // 8.2
        BackendPool one = pool(sticky(THREE_HOURS).build());
        BackendPool other = pool(sticky(THREE_HOURS).build());
        for (int client = 0; client < 100; client++) {
            connect(one, client);
        }
        assertThat(affinityPicks(other, 100)).isZero();
    }

    @Test
    void anotherPolicyKeepsTheClients() {
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        Backend first = connect(pool, 1);
        pool.update(sticky(THREE_HOURS).policy("round-robin").build());
        assertSticks(pool, 1, first);
    }

    @Test
    void connectionsThatAClientMakesAtOnceGoToOnePlace() throws Exception {
        BackendPool pool = pool(sticky(THREE_HOURS).build());
        int threads = 4;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService eventLoops = Executors.newFixedThreadPool(threads);
        try {
            Callable<List<Backend>> connections = () -> {
                List<Backend> picked = new ArrayList<>();
                for (int client = 0; client < 2_000; client++) {
                    together.await();
                    picked.add(connect(pool, client));
                }
                return picked;
            };
            Set<List<Backend>> outcomes = new HashSet<>();
            for (Future<List<Backend>> outcome : eventLoops.invokeAll(Collections.nCopies(threads, connections))) {
                outcomes.add(outcome.get());
            }
            assertThat(outcomes).hasSize(1);
        } finally {
            eventLoops.shutdownNow();
        }
    }

    /** The race of the test before, with the other event loop always coming in between. */
    @Test
    void aConnectionThatLosesTheRaceFollowsTheOneThatWon() {
        AffinityTable table = new AffinityTable(THREE_HOURS, 100, ticker);
        List<Backend> candidates = Backends.equal(3);
        Backend winner = candidates.get(2);
        Balancer first = new WeightedRandom(candidates.subList(0, 2), RandomSource.seeded(1));
        Balancer slow = new Sticky(new Interrupted(first, candidates, () -> claim(table, winner)), table);
        Pick pick = slow.pick(Backends.from(1));
        assertThat(pick.backend()).isSameAs(winner);
        assertThat(pick.reason()).isInstanceOf(PickReason.Affinity.class);
    }

    @Test
    void aConnectionDoesNotFollowToABackendThatItHasTried() {
        AffinityTable table = new AffinityTable(THREE_HOURS, 100, ticker);
        List<Backend> candidates = Backends.equal(3);
        Balancer first = new WeightedRandom(candidates, RandomSource.seeded(1));
        Backend tried = candidates.get(2);
        Balancer slow = new Sticky(new Interrupted(first, candidates, () -> claim(table, tried)), table);
        PickContext context = Backends.from(1);
        context.exclude(tried);
        assertThat(slow.pick(context).backend()).isNotSameAs(tried);
    }

    private static void claim(AffinityTable table, Backend backend) {
        table.claim(Backends.client(1), null, backend.address());
    }

    /** Lets something happen during each pick. */
    private record Interrupted(Balancer inner, List<Backend> candidates, Runnable meanwhile) implements Balancer {
        @Override
        public Pick pick(PickContext context) {
            Pick pick = inner.pick(context);
            meanwhile.run();
            return pick;
        }

        @Override
        public Balancer with(List<Backend> next) {
            return new Interrupted(inner.with(next), next, meanwhile);
        }
    }

    private SpecBuilder sticky(Duration timeout) {
        return spec().affinity(timeout).cluster(1, 2, 3, 4, 5);
    }

    private BackendPool pool(ServicePortSpec spec) {
        return new BackendPool(
                spec, Backends.settings(31, ticker), new ServicePortMetrics(new MetricRegistry(), spec.name()));
    }

    private static Backend connect(BackendPool pool, int client) {
        return connect(pool, EndpointSet.CLUSTER, client);
    }

    private static Backend connect(BackendPool pool, EndpointSet set, int client) {
        PickContext context = Backends.from(client);
        Balancer balancer = pool.balancer(set);
        Backend backend = balancer.pick(context).backend();
        balancer.connected(context, backend);
        return backend;
    }

    private static void assertSticks(BackendPool pool, int client, Backend expected) {
        Pick pick = pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(client));
        assertThat(pick.backend()).isSameAs(expected);
        assertThat(pick.reason()).isInstanceOf(PickReason.Affinity.class);
    }

    /** How many of so many clients are sent by a record. */
    private static long affinityPicks(BackendPool pool, int clients) {
        long picks = 0;
        for (int client = 0; client < clients; client++) {
            Pick pick = pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(client));
            picks += pick.reason() instanceof PickReason.Affinity ? 1 : 0;
        }
        return picks;
    }

    private static Set<Backend> picksOf(BackendPool pool, int client, int connections) {
        Set<Backend> picked = new HashSet<>();
        for (int i = 0; i < connections; i++) {
            picked.add(connect(pool, client));
        }
        return picked;
    }
}
