package io.podlb.control.admin;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.metrics.BucketSnapshot;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The registry of the data plane in Prometheus' terms, by the rules of {@link io.podlb.server.metrics.MetricNames}: a
 * name carries its labels, {@code _total} is a counter but for {@link MetricHelp#GAUGES}, {@code _seconds} a histogram kept in nanoseconds, all else a
 * gauge. For any thread.
 */
final class RegistryCollector implements MultiCollector {

    private static final String TOTAL = "_total";
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final MetricRegistry registry;

    RegistryCollector(MetricRegistry registry) {
        this.registry = registry;
    }

    @Override
    public MetricSnapshots collect() {
        Map<String, Map<String, Metric>> families = new TreeMap<>();
        registry.getMetrics().forEach((name, metric) -> {
            int brace = name.indexOf('{');
            String family = brace < 0 ? name : name.substring(0, brace);
            String labels = brace < 0 ? "" : name.substring(brace + 1, name.length() - 1);
            families.computeIfAbsent(family, key -> new TreeMap<>()).put(labels, metric);
        });
        MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
        families.forEach((family, metrics) -> {
            MetricSnapshot snapshot = snapshot(family, metrics);
            if (snapshot != null) {
                snapshots.metricSnapshot(snapshot);
            }
        });
        return snapshots.build();
    }

    /** Null for a histogram without a bucket to show. */
    private static @Nullable MetricSnapshot snapshot(String family, Map<String, Metric> metrics) {
        if (family.endsWith(TOTAL) && !MetricHelp.GAUGES.contains(family)) {
            return counters(family.substring(0, family.length() - TOTAL.length()), metrics);
        }
        return metrics.values().stream().allMatch(Histogram.class::isInstance)
                ? histograms(family, metrics)
                : gauges(family, metrics);
    }

    private static MetricSnapshot counters(String name, Map<String, Metric> metrics) {
        List<CounterDataPointSnapshot> points = new ArrayList<>();
        metrics.forEach((labels, metric) -> {
            Double value = number(metric);
            if (value != null && value >= 0) {
                points.add(CounterDataPointSnapshot.builder()
                        .labels(labels(labels))
                        .value(value)
                        .build());
            }
        });
        return new CounterSnapshot(new MetricMetadata(name, MetricHelp.of(name + TOTAL)), points);
    }

    private static MetricSnapshot gauges(String name, Map<String, Metric> metrics) {
        List<GaugeDataPointSnapshot> points = new ArrayList<>();
        metrics.forEach((labels, metric) -> {
            Double value = number(metric);
            if (value != null) {
                points.add(GaugeDataPointSnapshot.builder()
                        .labels(labels(labels))
                        .value(value)
                        .build());
            }
        });
        return new GaugeSnapshot(new MetricMetadata(name, MetricHelp.of(name)), points);
    }

    private static @Nullable MetricSnapshot histograms(String name, Map<String, Metric> metrics) {
        List<HistogramDataPointSnapshot> points = new ArrayList<>();
        metrics.forEach((labels, metric) -> {
            if (((Histogram) metric).getSnapshot() instanceof BucketSnapshot buckets) {
                points.add(histogram(labels(labels), buckets));
            }
        });
        return points.isEmpty() ? null : new HistogramSnapshot(new MetricMetadata(name, MetricHelp.of(name)), points);
    }

    private static HistogramDataPointSnapshot histogram(Labels labels, BucketSnapshot buckets) {
        ClassicHistogramBuckets.Builder classic = ClassicHistogramBuckets.builder();
        for (int i = 0; i < buckets.bounds(); i++) {
            classic.bucket(buckets.upperBound(i) / NANOS_PER_SECOND, buckets.count(i));
        }
        classic.bucket(Double.POSITIVE_INFINITY, buckets.count(buckets.bounds()));
        return new HistogramDataPointSnapshot(
                classic.build(), buckets.sum() / NANOS_PER_SECOND, labels, Exemplars.EMPTY, 0L);
    }

    /** Null for what is no number. A gauge that fails makes the whole page fail, so that somebody notices. */
    private static @Nullable Double number(Metric metric) {
        if (metric instanceof Counter counter) {
            return (double) counter.getCount();
        }
        return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number
                ? (Double) number.doubleValue()
                : null;
    }

    private static Labels labels(String text) {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String label : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            int equals = label.indexOf('=');
            names.add(label.substring(0, equals));
            values.add(label.substring(equals + 1));
        }
        return Labels.of(names, values);
    }
}
