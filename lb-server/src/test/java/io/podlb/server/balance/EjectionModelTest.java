package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random connects, failures, table changes and time against what must hold whatever happens: a set is never empty for an
 * ejection, half of it stays in use, one trial at a time is made, no client fails that another backend would have
 * served, and in the end everything is back.
 */
class EjectionModelTest {

    private static final int STEPS = 4_000;
    private static final Duration PATIENCE = Duration.ofSeconds(2); // as in Backends.settings

    private final FakeTicker ticker = new FakeTicker();
    private final MetricRegistry registry = new MetricRegistry();
    private final Set<Backend> onTrial = new HashSet<>();
    private final Set<Integer> dead = new TreeSet<>();
    private final List<Attempt> underWay = new ArrayList<>();
    private int trials;
    private int ejectedAtMost;

    /** A connect whose outcome is not known yet. */
    private record Attempt(PickContext context, Balancer balancer, Backend backend, boolean trial, long sinceNanos) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void holdsWhateverHappens(long seed) {
        Random random = new Random(seed);
        String policy = List.of("random", "round-robin", "least-connections", "two-choices", "maglev")
                .get((int) (seed % 5));
        BackendPool pool = new BackendPool(
                table(random, policy),
                Backends.settings(seed, ticker),
                new ServicePortMetrics(registry, Backends.PORT));
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> dead.add(1 + random.nextInt(8));
                case 1 -> dead.remove(1 + random.nextInt(8));
                case 2 -> ticker.advance(Duration.ofMillis(random.nextInt(20_000)));
                case 3 -> {
                    if (random.nextInt(8) == 0) {
                        pool.update(table(random, policy));
                    }
                }
                case 4, 5, 6 -> settle(pool, random);
                default -> begin(pool, new PickContext(Backends.client(random.nextInt(50))), random);
            }
            abandonOld();
            check(pool);
        }
        assertThat(trials).as("trials that were made").isPositive();
        assertThat(ejectedAtMost).as("ejected at one time").isGreaterThan(1);
        everythingComesBack(pool, random);
    }

    private ServicePortSpec table(Random random, String policy) {
        int[] cluster =
                random.ints(1, 9).distinct().limit(1 + random.nextInt(8)).toArray();
        int[] local = java.util.Arrays.stream(cluster)
                .limit(random.nextInt(cluster.length + 1))
                .toArray();
        Duration affinity = random.nextInt(3) == 0 ? Duration.ofMinutes(1) : null;
        return new SpecBuilder(policy, affinity, List.of(), List.of())
                .cluster(cluster)
                .local(local)
                .build()
                .withTraffic(TrafficRules.NONE.withEjection(new Ejection(3)));
    }

    private void begin(BackendPool pool, PickContext context, Random random) {
        EndpointSet set = EndpointSet.values()[random.nextInt(2)];
        Balancer balancer = pool.balancer(set);
        Pick pick = balancer.pick(context);
        assertThat(pick == null)
                .as("nobody is picked")
                .isEqualTo(balancer.candidates().isEmpty());
        if (pick != null) {
            add(context, balancer, pick);
        }
    }

    private void add(PickContext context, Balancer balancer, Pick pick) {
        boolean trial = pick.reason() instanceof PickReason.Trial;
        if (trial) {
            assertThat(onTrial.add(pick.backend()))
                    .as("one trial of %s", pick.backend())
                    .isTrue();
            trials++;
        }
        underWay.add(new Attempt(context, balancer, pick.backend(), trial, ticker.read()));
    }

    /** The outcome of a connect; one that failed tries on, and fails only when every backend of its list was tried. */
    private void settle(BackendPool pool, Random random) {
        if (underWay.isEmpty()) {
            return;
        }
        Attempt attempt = underWay.remove(random.nextInt(underWay.size()));
        if (attempt.trial) {
            onTrial.remove(attempt.backend);
        }
        if (!dead.contains(number(attempt.backend))) {
            pool.reached(attempt.backend);
            attempt.balancer.connected(attempt.context, attempt.backend);
            return;
        }
        attempt.context.exclude(attempt.backend);
        pool.missed(attempt.backend);
        attempt.balancer.failed(attempt.context, attempt.backend);
        Pick next = attempt.balancer.pick(attempt.context);
        if (next == null) {
            assertThat(attempt.balancer.candidates()).allMatch(attempt.context::excludes);
        } else {
            assertThat(next.reason()).isNotInstanceOf(PickReason.Trial.class);
            add(attempt.context, attempt.balancer, next);
        }
    }

    /** Clients that leave: nothing is heard of their connects, which take no longer than the patience. */
    private void abandonOld() {
        underWay.removeIf(attempt -> {
            boolean old = ticker.read() - attempt.sinceNanos > PATIENCE.toNanos();
            if (old && attempt.trial) {
                onTrial.remove(attempt.backend);
            }
            return old;
        });
    }

    private void check(BackendPool pool) {
        for (EndpointSet set : EndpointSet.values()) {
            Set<Backend> listed = new LinkedHashSet<>(pool.listed(set));
            List<Backend> inUse = pool.balancer(set).candidates();
            assertThat(listed).containsAll(inUse);
            int out = listed.size() - inUse.size();
            assertThat(out).as("of %s", listed.size()).isLessThanOrEqualTo(listed.size() / 2);
            assertThat(listed.isEmpty()).isEqualTo(inUse.isEmpty());
            ejectedAtMost = Math.max(ejectedAtMost, out);
        }
        long shown = registry.getCounters().entrySet().stream()
                .filter(counter -> counter.getKey().startsWith("podlb_backends_ejected"))
                .mapToLong(counter -> counter.getValue().getCount())
                .sum();
        Set<Backend> all = new HashSet<>(pool.listed(EndpointSet.CLUSTER));
        all.addAll(pool.listed(EndpointSet.LOCAL));
        assertThat(all.stream().filter(backend -> backend.reachability().isEjected()))
                .hasSize((int) shown);
    }

    private void everythingComesBack(BackendPool pool, Random random) {
        dead.clear();
        for (int round = 0; round < 40; round++) {
            ticker.advance(Duration.ofSeconds(60));
            abandonOld();
            for (int client = 0; client < 20; client++) {
                // Clients that were never seen: a trial is for those without a place.
                begin(pool, new PickContext(Backends.client(1000 + 20 * round + client)), random);
            }
            while (!underWay.isEmpty()) {
                settle(pool, random);
            }
        }
        assertThat(pool.balancer(EndpointSet.CLUSTER).candidates()).isEqualTo(pool.listed(EndpointSet.CLUSTER));
        assertThat(pool.balancer(EndpointSet.LOCAL).candidates()).isEqualTo(pool.listed(EndpointSet.LOCAL));
    }

    private static int number(Backend backend) {
        return backend.address().address().getAddress()[3];
    }
}
