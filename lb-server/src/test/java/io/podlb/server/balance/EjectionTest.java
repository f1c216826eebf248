package io.podlb.server.balance;

import static io.podlb.server.balance.SpecBuilder.spec;
import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backends that cannot be reached are left out, tried, and taken back. */
class EjectionTest {

    private final FakeTicker ticker = new FakeTicker();
    private final MetricRegistry registry = new MetricRegistry();
    private final ServicePortMetrics metrics = new ServicePortMetrics(registry, Backends.PORT);

    private BackendPool pool(SpecBuilder builder) {
        return new BackendPool(ejecting(builder, 3), Backends.settings(7, ticker), metrics);
    }

    private static ServicePortSpec ejecting(SpecBuilder builder, int after) {
        return builder.build().withTraffic(TrafficRules.NONE.withEjection(new Ejection(after)));
    }

    private static void miss(BackendPool pool, Backend backend, int times) {
        for (int i = 0; i < times; i++) {
            pool.missed(backend);
        }
    }

    private static List<Backend> inUse(BackendPool pool) {
        return pool.balancer(EndpointSet.CLUSTER).candidates();
    }

    private static Pick pick(BackendPool pool, int client) {
        return pool.balancer(EndpointSet.CLUSTER).pick(Backends.from(client));
    }

    private static Set<Backend> picked(BackendPool pool, int clients) {
        Set<Backend> picked = new HashSet<>();
        for (int client = 0; client < clients; client++) {
            picked.add(pick(pool, client).backend());
        }
        return picked;
    }

    private long counter(String name) {
        var counter =
                registry.getCounters().get(name + "{namespace=default,service=web,port=,protocol=TCP,family=IPv4}");
        return counter == null ? 0 : counter.getCount();
    }

    @ParameterizedTest
    @CsvSource({"random", "round-robin", "least-connections", "two-choices", "maglev"})
    void failuresInARowLeaveABackendOut(String policy) {
        BackendPool pool = pool(spec().policy(policy).cluster(1, 2, 3));
        Backend bad = inUse(pool).get(1);
        miss(pool, bad, 2);
        assertThat(picked(pool, 200)).contains(bad);
        miss(pool, bad, 1);
        assertThat(inUse(pool)).hasSize(2).doesNotContain(bad);
        assertThat(picked(pool, 200)).hasSize(2).doesNotContain(bad);
        assertThat(counter("podlb_ejections_total")).isEqualTo(1);
        assertThat(counter("podlb_backends_ejected")).isEqualTo(1);
    }

    @Test
    void oneSuccessInBetweenStartsTheCountAgain() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend shaky = inUse(pool).get(0);
        for (int i = 0; i < 20; i++) {
            miss(pool, shaky, 2);
            pool.reached(shaky);
        }
        assertThat(inUse(pool)).hasSize(3);
    }

    @Test
    void nothingIsLeftOutUnlessItIsAskedFor() {
        BackendPool pool = new BackendPool(spec().cluster(1, 2, 3).build(), Backends.settings(7, ticker), metrics);
        miss(pool, inUse(pool).get(0), 100);
        assertThat(inUse(pool)).hasSize(3);
        assertThat(registry.getNames()).noneMatch(name -> name.contains("eject"));
    }

    /** Sets of 1, 2, 3 … endpoints that all fail: how many are left out. */
    @ParameterizedTest
    @CsvSource({"1, 0", "2, 1", "3, 1", "4, 2", "5, 2", "6, 3", "7, 3"})
    void halfOfASetStaysInUse(int size, int out) {
        int[] numbers = java.util.stream.IntStream.rangeClosed(1, size).toArray();
        BackendPool pool = pool(spec().cluster(numbers));
        for (Backend backend : List.copyOf(inUse(pool))) {
            miss(pool, backend, 5);
        }
        assertThat(inUse(pool)).hasSize(size - out);
        assertThat(counter("podlb_backends_ejected")).isEqualTo(out);
        assertThat(counter("podlb_ejections_prevented_total")).isPositive();
    }

    @Test
    void theLastOfTheLocalSetStaysThereWhenTheClusterSetDoesWithoutIt() {
        BackendPool pool = pool(spec().cluster(1, 2, 3).local(1));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        assertThat(inUse(pool)).doesNotContain(bad);
        assertThat(pool.balancer(EndpointSet.LOCAL).candidates()).containsExactly(bad);
    }

    @Test
    void oneConnectionAloneIsTheTrialAndItsSuccessBringsTheBackendBack() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        ticker.advance(Duration.ofSeconds(23));
        assertThat(picked(pool, 100)).as("too early").doesNotContain(bad);
        ticker.advance(Duration.ofSeconds(14));
        Pick trial = pick(pool, 1);
        assertThat(trial.backend()).isSameAs(bad);
        assertThat(trial.reason()).hasToString("trial: it was ejected, and its time is over");
        assertThat(picked(pool, 100)).as("while it is tried").doesNotContain(bad);
        pool.reached(bad);
        assertThat(inUse(pool)).contains(bad);
        assertThat(picked(pool, 200)).contains(bad);
        assertThat(counter("podlb_backends_ejected")).isZero();
    }

    @Test
    void eachFailedTrialDoublesTheTimeUpToFiveMinutes() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        for (int seconds : new int[] {30, 60, 120, 240, 300, 300, 300}) {
            ticker.advance(Duration.ofMillis(seconds * 799L));
            assertThat(picked(pool, 20)).as("before %s s", seconds).doesNotContain(bad);
            ticker.advance(Duration.ofMillis(seconds * 402L));
            assertThat(pick(pool, 1).backend()).as("after %s s", seconds).isSameAs(bad);
            miss(pool, bad, 1);
        }
        assertThat(counter("podlb_ejections_total")).isEqualTo(1);
        assertThat(counter("podlb_ejection_trials_failed_total")).isEqualTo(7);
    }

    @Test
    void connectsThatWereUnderWayAtTheEjectionDoNotMakeItLonger() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 50);
        ticker.advance(Duration.ofSeconds(36));
        assertThat(pick(pool, 1).backend()).isSameAs(bad);
    }

    @Test
    void aTrialOfWhichNothingIsHeardIsMadeAgain() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        ticker.advance(Duration.ofSeconds(36));
        assertThat(pick(pool, 1).backend()).isSameAs(bad);
        ticker.advance(Duration.ofSeconds(2));
        assertThat(picked(pool, 20)).doesNotContain(bad);
        ticker.advance(Duration.ofMillis(1));
        assertThat(pick(pool, 1).backend()).isSameAs(bad);
    }

    @Test
    void quietHalfMinutesMakeTheNextEjectionShortAgain() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        for (int i = 0; i < 3; i++) { // 30, 60, 120 s
            ticker.advance(Duration.ofSeconds(300));
            assertThat(pick(pool, 1).backend()).isSameAs(bad);
            miss(pool, bad, 1);
        }
        pool.reached(bad);
        ticker.advance(Duration.ofSeconds(90)); // three of four taken back
        miss(pool, bad, 3);
        ticker.advance(Duration.ofSeconds(47));
        assertThat(picked(pool, 20)).doesNotContain(bad);
        ticker.advance(Duration.ofSeconds(26));
        assertThat(pick(pool, 1).backend()).as("60 s").isSameAs(bad);
    }

    @Test
    void aConnectionThatAllOthersHaveFailedMayTryWhatIsLeftOut() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        PickContext context = Backends.from(1);
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        context.exclude(balancer.pick(context).backend());
        context.exclude(balancer.pick(context).backend());
        Pick last = balancer.pick(context);
        assertThat(last.backend()).isSameAs(bad);
        assertThat(last.reason()).hasToString("last resort: it is ejected, but all others were tried");
        context.exclude(bad);
        assertThat(balancer.pick(context)).isNull();
    }

    @Test
    void aClientOfALeftOutBackendStaysWithAnotherOneAfterItsReturn() {
        BackendPool pool = pool(spec().affinity(Duration.ofHours(3)).cluster(1, 2, 3));
        Backend bad = connect(pool, 5);
        miss(pool, bad, 3);
        Backend second = connect(pool, 5);
        assertThat(second).isNotSameAs(bad);
        for (int i = 0; i < 20; i++) {
            assertThat(connect(pool, 5)).isSameAs(second);
        }
        ticker.advance(Duration.ofSeconds(36));
        assertThat(connect(pool, 5)).as("no trial for a client with a place").isSameAs(second);
        assertThat(connect(pool, 6)).as("the trial").isSameAs(bad);
        pool.reached(bad);
        for (int i = 0; i < 20; i++) {
            assertThat(connect(pool, 5)).isSameAs(second);
        }
    }

    private static Backend connect(BackendPool pool, int client) {
        PickContext context = Backends.from(client);
        Balancer balancer = pool.balancer(EndpointSet.CLUSTER);
        Backend backend = balancer.pick(context).backend();
        balancer.connected(context, backend);
        return backend;
    }

    @Test
    void anEjectionOutlivesChangesOfTheTableThatKeepTheBackend() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        pool.update(ejecting(spec().policy("maglev").cluster(1, 2, 3, 4), 3));
        assertThat(inUse(pool)).hasSize(3).doesNotContain(bad);
        pool.update(ejecting(spec().cluster(1), 3));
        assertThat(inUse(pool)).as("the last one").containsExactly(bad);
        pool.update(ejecting(spec().cluster(2, 3), 3));
        assertThat(counter("podlb_backends_ejected")).as("gone").isZero();
        pool.update(ejecting(spec().cluster(1, 2, 3), 3));
        assertThat(inUse(pool)).as("a new Pod at the same address").hasSize(3);
    }

    @Test
    void whatIsLeftOutComesBackWhenTheRuleGoes() {
        BackendPool pool = pool(spec().cluster(1, 2, 3));
        Backend bad = inUse(pool).get(0);
        miss(pool, bad, 3);
        pool.update(spec().cluster(1, 2, 3).build());
        assertThat(inUse(pool)).contains(bad);
        assertThat(bad.reachability().isEjected()).isFalse();
        assertThat(counter("podlb_backends_ejected")).isZero();
    }
}
