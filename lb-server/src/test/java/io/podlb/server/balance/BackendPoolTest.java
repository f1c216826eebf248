package io.podlb.server.balance;

import static io.podlb.server.balance.SpecBuilder.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BackendPoolTest {

    private final MetricRegistry registry = new MetricRegistry();
    private final ServicePortMetrics metrics = new ServicePortMetrics(registry, Backends.PORT);

    @Test
    void theSetsAreOfferedInTheirOrder() {
        BackendPool pool = pool(spec().cluster(3, 1, 2).local(2).build());
        assertThat(cluster(pool))
                .extracting(Backend::toString)
                .containsExactly("10.244.0.3:80", "10.244.0.1:80", "10.244.0.2:80");
        assertThat(pool.balancer(EndpointSet.LOCAL).candidates())
                .containsExactly(cluster(pool).get(2));
    }

    @Test
    void aBackendThatStaysListedKeepsItsState() {
        BackendPool pool = pool(spec().cluster(1, 2).build());
        Backend kept = cluster(pool).get(1);
        kept.lease();
        pool.update(spec().cluster(3, 2).local(2).build());
        assertThat(cluster(pool).get(1)).isSameAs(kept);
        pool.update(spec().local(2).build());
        assertThat(pool.balancer(EndpointSet.LOCAL).candidates()).containsExactly(kept);
        assertThat(kept.active()).isEqualTo(1);
    }

    @Test
    void aBackendThatReturnsIsANewOneAndTheOldOneLivesOnWithItsSessions() {
        BackendPool pool = pool(spec().cluster(1).build());
        Backend before = cluster(pool).get(0);
        before.lease();
        pool.update(spec().build());
        assertThat(cluster(pool)).isEmpty();
        pool.update(spec().cluster(1).build());
        assertThat(cluster(pool).get(0)).isNotSameAs(before);
        assertThat(cluster(pool).get(0).active()).isZero();
        before.release();
        assertThat(before.active()).isZero();
    }

    @Test
    void aBalancerReadBeforeAnUpdateStaysValid() {
        BackendPool pool = pool(spec().cluster(1, 2).build());
        Balancer before = pool.balancer(EndpointSet.CLUSTER);
        pool.update(spec().cluster(3).build());
        pool.close();
        assertThat(before.pick(Backends.from(1)).backend().toString()).isIn("10.244.0.1:80", "10.244.0.2:80");
    }

    @Test
    void theCursorOfAPolicySurvivesUpdates() {
        BackendPool pool = pool(spec().policy("round-robin").cluster(1, 2, 3).build());
        List<Backend> picked = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            // The sets, affinity and descriptions change, the turns go on.
            SpecBuilder next = spec().policy("round-robin").cluster(1, 2, 3).local(i % 3 + 1);
            pool.update(next.affinity(i % 2 == 0 ? Duration.ofSeconds(9) : null).build());
            picked.add(pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(i)).backend());
        }
        assertThat(picked.subList(0, 3)).doesNotHaveDuplicates();
        assertThat(picked.subList(3, 6)).isEqualTo(picked.subList(0, 3));
    }

    @Test
    void anotherPolicyTakesEffectAtOnce() {
        BackendPool pool = pool(spec().cluster(1, 2, 3).local(1, 2).build());
        for (String policy : List.of("round-robin", "least-connections", "two-choices", "maglev", "random")) {
            pool.update(spec().policy(policy).cluster(1, 2, 3).local(1, 2).build());
            for (EndpointSet set : EndpointSet.values()) {
                assertThat(pool.balancer(set).pick(Backends.from(1)).reason().toString())
                        .startsWith(policy);
            }
        }
    }

    @Test
    void anUnknownPolicyChangesNothing() {
        BackendPool pool = pool(spec().cluster(1, 2).build());
        List<Backend> before = cluster(pool);
        ServicePortSpec wrong = spec().policy("rnd").cluster(3).build();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> pool.update(wrong)).hasMessageStartingWith("policy: rnd (expected: one of");
        }
        assertThat(cluster(pool)).isEqualTo(before);
        pool.update(spec().cluster(1, 2).build());
        assertThat(cluster(pool)).isEqualTo(before);
        assertThat(pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(1)).reason())
                .hasToString("random: one of 2");
        assertThatThrownBy(() -> pool(wrong)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aChangedWeightTakesEffectOnTheSameBackends() {
        for (String policy : Policies.standard(RandomSource.seeded(1)).names()) {
            BackendPool pool =
                    pool(spec().policy(policy).weighted(1, 1).weighted(2, 1).build());
            List<Backend> before = cluster(pool);
            pool.update(spec().policy(policy).weighted(1, 1).weighted(2, 999).build());
            assertThat(cluster(pool)).isEqualTo(before);
            int heavy = 0;
            for (int client = 0; client < 1000; client++) {
                Backend picked = pool.balancer(EndpointSet.CLUSTER)
                        .pick(Backends.from(client))
                        .backend();
                heavy += picked == before.get(1) ? 1 : 0;
            }
            assertThat(heavy).as(policy).isGreaterThan(980);
        }
    }

    @Test
    void whatIsTheSameIsNotBuiltAgain() {
        BackendPool pool =
                pool(spec().policy("maglev").cluster(1, 2, 3).local(1, 2).build());
        Balancer cluster = pool.balancer(EndpointSet.CLUSTER);
        pool.update(spec().policy("maglev").cluster(1, 2, 3).local(2).build());
        assertThat(pool.balancer(EndpointSet.CLUSTER)).isSameAs(cluster);
    }

    @Test
    void aNewDescriptionReachesTheBackend() {
        BackendPool pool = pool(spec().cluster(1).build());
        Backend backend = cluster(pool).get(0);
        BackendSpec named = new BackendSpec(Backends.address(1), 1, "web-1", null, null);
        pool.update(new SpecBuilder("random", null, List.of(named), List.of()).build());
        assertThat(backend).hasToString("web-1 (10.244.0.1:80)");
    }

    @Test
    void poolSizesAndClientsAreShown() {
        BackendPool pool = pool(spec().cluster(1, 2, 3)
                .local(2)
                .affinity(Duration.ofSeconds(60))
                .build());
        assertThat(gauge("podlb_pool_backends", "cluster")).isEqualTo(3);
        assertThat(gauge("podlb_pool_backends", "local")).isEqualTo(1);
        for (int client = 0; client < 7; client++) {
            pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(client));
        }
        assertThat(gauge("podlb_affinity_entries", "")).isEqualTo(7L);
        pool.update(spec().cluster(1).build());
        assertThat(gauge("podlb_pool_backends", "cluster")).isEqualTo(1);
        assertThat(gauge("podlb_pool_backends", "local")).isEqualTo(0);
        assertThat(gauge("podlb_affinity_entries", "")).isEqualTo(0L);
    }

    @Test
    void metricsOfABackendComeWithTheFirstPickAndGoWithTheBackend() {
        BackendPool pool = pool(spec().cluster(1, 2).build());
        assertThat(backendMetrics()).isEmpty();
        Backend one = cluster(pool).get(0);
        Backend two = cluster(pool).get(1);
        one.metrics().picked();
        two.metrics().picked();
        assertThat(backendMetrics()).anyMatch(name -> name.contains("10.244.0.1:80"));
        pool.update(spec().cluster(2).build());
        assertThat(backendMetrics()).isNotEmpty().allMatch(name -> name.contains("10.244.0.2:80"));
        one.metrics().picked();
        assertThat(backendMetrics()).allMatch(name -> name.contains("10.244.0.2:80"));
        pool.close();
        assertThat(backendMetrics()).isEmpty();
        assertThat(cluster(pool)).isEmpty();
    }

    @Test
    void aSessionThatOutlivesItsBackendDoesNotHideTheSuccessor() {
        BackendPool pool = pool(spec().cluster(1).build());
        Backend before = cluster(pool).get(0);
        pool.update(spec().build());
        pool.update(spec().cluster(1).build());
        cluster(pool).get(0).metrics().picked();
        cluster(pool).get(0).metrics().picked();
        before.metrics().picked();
        String picks = backendMetrics().stream()
                .filter(name -> name.startsWith("podlb_backend_picks_total"))
                .findFirst()
                .orElseThrow();
        assertThat(registry.counter(picks).getCount()).isEqualTo(2);
    }

    private BackendPool pool(ServicePortSpec spec) {
        return new BackendPool(spec, Backends.settings(13, new FakeTicker()), metrics);
    }

    private static List<Backend> cluster(BackendPool pool) {
        return pool.balancer(EndpointSet.CLUSTER).candidates();
    }

    private List<String> backendMetrics() {
        return registry.getNames().stream()
                .filter(name -> name.startsWith("podlb_backend_"))
                .toList();
    }

    private Object gauge(String name, String label) {
        for (var gauge : registry.getGauges().entrySet()) {
            if (gauge.getKey().startsWith(name) && gauge.getKey().contains(label)) {
                Gauge<?> value = gauge.getValue();
                return value.getValue();
            }
        }
        throw new AssertionError(name + " is not shown");
    }
}
