package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limit of connections per backend, whatever the policy. */
class LeasingTest {

    private static final int MOST = 4;

    private Balancer balancer(SpecBuilder spec) {
        return new BackendPool(
                        spec.build(),
                        Backends.settings(7, new FakeTicker()),
                        new ServicePortMetrics(new com.codahale.metrics.MetricRegistry(), Backends.PORT))
                .balancer(EndpointSet.CLUSTER);
    }

    private static SpecBuilder weighted(String policy) {
        return SpecBuilder.spec()
                .policy(policy)
                .weighted(1, 1)
                .weighted(2, 10)
                .weighted(3, 100)
                .weighted(4, 1);
    }

    /** All clients but one come from one address, so hashing and affinity send them to one backend as long as they can. */
    @ParameterizedTest
    @ValueSource(strings = {"random", "round-robin", "least-connections", "two-choices", "maglev"})
    void everyPolicyFillsAllAndOverfillsNone(String policy) {
        for (SpecBuilder spec : List.of(
                SpecBuilder.spec().policy(policy).cluster(1, 2, 3, 4),
                weighted(policy),
                weighted(policy).affinity(Duration.ofHours(3)))) {
            Balancer balancer = balancer(spec);
            for (int i = 0; i < 4 * MOST; i++) {
                Pick pick = Leasing.take(balancer, Backends.from(1), MOST);
                assertThat(pick).as("%s, connection %s", spec, i).isNotNull();
                assertThat(pick.backend().active()).isBetween(1, MOST);
            }
            PickContext late = Backends.from(1);
            assertThat(Leasing.take(balancer, late, MOST)).isNull();
            assertThat(late.metFull()).isTrue();
            Backend freed = balancer.candidates().get(2);
            freed.release();
            assertThat(Leasing.take(balancer, late, MOST).backend()).isEqualTo(freed);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "round-robin", "least-connections", "two-choices", "maglev"})
    void whatIsTriedIsNotTakenForFull(String policy) {
        Balancer balancer = balancer(SpecBuilder.spec().policy(policy).cluster(1, 2));
        PickContext context = Backends.from(1);
        context.exclude(balancer.candidates().get(0));
        assertThat(Leasing.take(balancer, context, 1).backend())
                .isEqualTo(balancer.candidates().get(1));
        assertThat(Leasing.take(balancer, context, 1)).isNull();
        assertThat(context.metFull()).isTrue();
        context.exclude(balancer.candidates().get(1));
        assertThat(Leasing.take(balancer, context, 1)).isNull();
        assertThat(context.metFull()).as("all were tried").isFalse();
    }

    @Test
    void aStickyClientWhoseBackendIsFullMovesAndStays() {
        Balancer balancer =
                balancer(SpecBuilder.spec().affinity(Duration.ofHours(3)).cluster(1, 2, 3));
        Backend first = Leasing.take(balancer, Backends.from(1), 1).backend();
        Backend second = Leasing.take(balancer, Backends.from(1), 1).backend();
        assertThat(second).isNotEqualTo(first);
        first.release();
        second.release();
        for (int i = 0; i < 10; i++) {
            Backend next = Leasing.take(balancer, Backends.from(1), 1).backend();
            assertThat(next).isEqualTo(second);
            next.release();
        }
    }

    /** The share of a full one goes to the others by their weights, not to its neighbour. */
    @Test
    void theShareOfAFullBackendIsSharedByAll() {
        for (String policy : List.of("random", "round-robin", "two-choices")) {
            Balancer balancer = balancer(SpecBuilder.spec().policy(policy).cluster(1, 2, 3, 4, 5));
            Backend full = balancer.candidates().get(0);
            full.lease();
            full.lease();
            Map<Backend, Integer> counts = new HashMap<>();
            for (int i = 0; i < 4_000; i++) {
                Backend picked = Leasing.take(balancer, Backends.from(i), 2).backend();
                counts.merge(picked, 1, Integer::sum);
                picked.release();
            }
            Set<Backend> others = new HashSet<>(balancer.candidates().subList(1, 5));
            assertThat(counts.keySet()).isEqualTo(others);
            assertThat(counts.values()).as(policy).allMatch(count -> count > 850 && count < 1_150);
        }
    }

    @Test
    void withoutALimitThereIsNone() {
        Balancer balancer = balancer(SpecBuilder.spec().cluster(1));
        for (int i = 1; i <= 100; i++) {
            assertThat(Leasing.take(balancer, Backends.from(1), 0).backend().active())
                    .isEqualTo(i);
        }
    }
}
