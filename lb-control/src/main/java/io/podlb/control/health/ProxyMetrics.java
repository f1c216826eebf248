package io.podlb.control.health;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.MetricRegistry;
import io.podlb.control.cluster.Inventory.ChangeCounts;
import io.podlb.control.cluster.Inventory.Touched;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.metrics.BucketReservoir;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.IpFamily;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * What kube-proxy measures of its passes, under its names (kube-semantics 12), so that dashboards and tests of a cluster
 * find it. One pass does both families, so both have the same durations.
 *
 * <p>Control thread only; the registry may be read by any.
 */
final class ProxyMetrics {

    static final String UPDATE_TO_EFFECT = "podlb_update_to_effect_seconds";
    static final String PASS_TIME = "kubeproxy_sync_proxy_rules_duration_seconds";
    static final String FULL_PASS_TIME = "kubeproxy_sync_full_proxy_rules_duration_seconds";
    static final String PARTIAL_PASS_TIME = "kubeproxy_sync_partial_proxy_rules_duration_seconds";
    static final String LAST_QUEUED = "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds";
    static final String CHANGES = "kubeproxy_sync_proxy_rules_";
    static final String LAST_PASS = "kubeproxy_sync_proxy_rules_last_timestamp_seconds";
    static final String PROGRAMMING_TIME = "kubeproxy_network_programming_duration_seconds";
    static final String NO_LOCAL = "kubeproxy_sync_proxy_rules_no_local_endpoints_total";

    private static final List<IpFamily> FAMILIES = List.of(IpFamily.values());
    private static final List<String> POLICIES = List.of("internal", "external");
    private static final double MILLIS_PER_SECOND = 1000;

    private final LongSupplier nanoTime;
    private final InstantSource wall;
    private final MetricRegistry metrics;
    private final Histogram updateToEffect;
    private final List<Histogram> passTimes = new ArrayList<>(); // by place of the family, as are the next ones
    private final List<Histogram> fullPassTimes = new ArrayList<>();
    private final List<Histogram> partialPassTimes = new ArrayList<>();
    private final List<Histogram> programmingTimes = new ArrayList<>();
    private final Map<ServiceKey, int[]> noLocal = new HashMap<>(); // like the sum; without Services that have none
    private final AtomicIntegerArray noLocalSum = new AtomicIntegerArray(FAMILIES.size() * POLICIES.size());
    private long begun;
    private volatile double lastPass;
    private volatile double lastQueued; // written by any thread

    ProxyMetrics(LongSupplier nanoTime, InstantSource wall, MetricRegistry metrics) {
        this.nanoTime = nanoTime;
        this.wall = wall;
        this.metrics = metrics;
        this.updateToEffect = metrics.histogram(UPDATE_TO_EFFECT, () -> new Histogram(BucketReservoir.ofShortTimes()));
        for (IpFamily family : FAMILIES) {
            String label = "ip_family=" + family.kubernetesName();
            passTimes.add(passTime(PASS_TIME, label));
            fullPassTimes.add(passTime(FULL_PASS_TIME, label));
            partialPassTimes.add(passTime(PARTIAL_PASS_TIME, label));
            programmingTimes.add(metrics.histogram(
                    PROGRAMMING_TIME + "{" + label + "}", () -> new Histogram(BucketReservoir.of(minutes()))));
            metrics.gauge(LAST_QUEUED + "{" + label + "}", () -> (Gauge<Double>) () -> lastQueued);
            metrics.gauge(LAST_PASS + "{" + label + "}", () -> (Gauge<Double>) () -> lastPass);
            for (String policy : POLICIES) {
                int at = index(family, policy.equals("external"));
                metrics.gauge(NO_LOCAL + "{" + label + ",traffic_policy=" + policy + "}", () ->
                        (Gauge<Integer>) () -> noLocalSum.get(at));
            }
        }
    }

    private Histogram passTime(String name, String label) {
        return metrics.histogram(name + "{" + label + "}", () -> new Histogram(BucketReservoir.of(doubling())));
    }

    /** Shows how many changes came, and how many of them no pass has taken yet. */
    void watchChanges(Supplier<ChangeCounts> counts) {
        watch("service_changes_total", () -> counts.get().services());
        watch("service_changes_pending", () -> counts.get().pendingServices());
        watch("endpoint_changes_total", () -> counts.get().slices());
        watch("endpoint_changes_pending", () -> counts.get().pendingSlices());
    }

    private void watch(String name, LongSupplier count) {
        metrics.gauge(CHANGES + name, () -> (Gauge<Long>) count::getAsLong);
    }

    /** A change came. Any thread. */
    void queued() {
        lastQueued = now();
    }

    private double now() {
        return wall.instant().toEpochMilli() / MILLIS_PER_SECOND;
    }

    /** 15 buckets from 1 ms. */
    private static long[] doubling() {
        return LongStream.iterate(TimeUnit.MILLISECONDS.toNanos(1), bound -> bound * 2)
                .limit(15)
                .toArray();
    }

    /** 250 and 500 ms, each second of a minute, every 5 s of the next one, every 30 s to five minutes. */
    private static long[] minutes() {
        LongStream seconds = LongStream.concat(
                LongStream.rangeClosed(1, 59),
                LongStream.concat(
                        LongStream.iterate(60, bound -> bound <= 115, bound -> bound + 5),
                        LongStream.iterate(120, bound -> bound <= 300, bound -> bound + 30)));
        return LongStream.concat(LongStream.of(250, 500), seconds.map(TimeUnit.SECONDS::toMillis))
                .map(TimeUnit.MILLISECONDS::toNanos)
                .toArray();
    }

    void begun() {
        begun = nanoTime.getAsLong();
    }

    /** The pass that began last is complete. */
    void updated(boolean everything) {
        long took = nanoTime.getAsLong() - begun;
        passTimes.forEach(times -> times.update(took));
        (everything ? fullPassTimes : partialPassTimes).forEach(times -> times.update(took));
        lastPass = now();
    }

    /**
     * What changed a Service has come into force; each of its families has waited for what changed its endpoints
     * (kube-semantics 12.1).
     *
     * @param plan null if the Service is gone, and then nobody waited for endpoints
     */
    void programmed(@Nullable ServicePlan plan, Touched touched) {
        updateToEffect.update(nanoTime.getAsLong() - touched.sinceNanos());
        if (plan == null || plan.ports().isEmpty()) {
            return;
        }
        Instant now = wall.instant();
        for (FamilyPlan family : plan.ports().get(0).families()) {
            for (Instant trigger : touched.triggers()) {
                // The clock of the control plane may be ahead of this one.
                long nanos = Math.max(0, Duration.between(trigger, now).toNanos());
                programmingTimes.get(FAMILIES.indexOf(family.name().family())).update(nanos);
            }
        }
    }

    /**
     * Counts the ports of a Service with endpoints elsewhere alone and policy Local (kube-semantics 12.2).
     *
     * @param plan null if it is gone
     */
    void noLocalEndpoints(ServiceKey key, @Nullable ServicePlan plan) {
        int[] now = new int[noLocalSum.length()];
        boolean any = false;
        for (PortPlan port : plan == null ? List.<PortPlan>of() : plan.ports()) {
            for (FamilyPlan family : port.families()) {
                for (boolean external : new boolean[] {false, true}) {
                    if (lacksLocal(family, external)) {
                        now[index(family.name().family(), external)]++;
                        any = true;
                    }
                }
            }
        }
        int[] before = any ? noLocal.put(key, now) : noLocal.remove(key);
        for (int i = 0; i < now.length; i++) {
            noLocalSum.addAndGet(i, now[i] - (before == null ? 0 : before[i]));
        }
    }

    private static boolean lacksLocal(FamilyPlan family, boolean external) {
        return family.local().isEmpty()
                && !family.cluster().isEmpty()
                && family.frontends().stream()
                        .filter(frontend -> (frontend.kind() != FrontendKind.CLUSTER_IP) == external)
                        .anyMatch(frontend -> frontend.endpointSet() == EndpointSet.LOCAL);
    }

    private static int index(IpFamily family, boolean external) {
        return FAMILIES.indexOf(family) * POLICIES.size() + (external ? 1 : 0);
    }
}
