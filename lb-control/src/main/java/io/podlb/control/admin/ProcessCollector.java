package io.podlb.control.admin;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;

/** The version, and what the JVM knows of itself, under the names that Prometheus clients give it. For any thread. */
final class ProcessCollector implements MultiCollector {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;

    private final String version;

    ProcessCollector(String version) {
        this.version = version;
    }

    @Override
    public MetricSnapshots collect() {
        MetricSnapshots.Builder snapshots = MetricSnapshots.builder();
        snapshots.metricSnapshot(gauge(
                "podlb_build_info",
                point(1, Labels.of("version", version, "java", System.getProperty("java.version", "")))));
        snapshots.metricSnapshot(memory());
        snapshots.metricSnapshot(gauge(
                "jvm_threads_current", point(ManagementFactory.getThreadMXBean().getThreadCount(), Labels.EMPTY)));
        SummarySnapshot.Builder collections = SummarySnapshot.builder()
                .name("jvm_gc_collection_seconds")
                .help(MetricHelp.of("jvm_gc_collection_seconds"));
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collections.dataPoint(SummaryDataPointSnapshot.builder()
                    .labels(Labels.of("gc", collector.getName()))
                    .count(Math.max(0, collector.getCollectionCount()))
                    .sum(Math.max(0, collector.getCollectionTime()) / MILLIS_PER_SECOND)
                    .build());
        }
        snapshots.metricSnapshot(collections.build());
        snapshots.metricSnapshot(gauge(
                "process_start_time_seconds",
                point(ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS_PER_SECOND, Labels.EMPTY)));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            snapshots.metricSnapshot(CounterSnapshot.builder()
                    .name("process_cpu_seconds")
                    .help(MetricHelp.of("process_cpu_seconds_total"))
                    .dataPoint(CounterDataPointSnapshot.builder()
                            .value(Math.max(0, system.getProcessCpuTime()) / NANOS_PER_SECOND)
                            .build())
                    .build());
            snapshots.metricSnapshot(
                    gauge("process_open_fds", point((double) system.getOpenFileDescriptorCount(), Labels.EMPTY)));
            snapshots.metricSnapshot(
                    gauge("process_max_fds", point((double) system.getMaxFileDescriptorCount(), Labels.EMPTY)));
        }
        return snapshots.build();
    }

    private static GaugeSnapshot memory() {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        MemoryUsage rest = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
        return gauge(
                "jvm_memory_used_bytes",
                point((double) heap.getUsed(), Labels.of("area", "heap")),
                point((double) rest.getUsed(), Labels.of("area", "nonheap")));
    }

    private static GaugeSnapshot gauge(String name, GaugeDataPointSnapshot... points) {
        GaugeSnapshot.Builder builder = GaugeSnapshot.builder().name(name).help(MetricHelp.of(name));
        for (GaugeDataPointSnapshot point : points) {
            builder.dataPoint(point);
        }
        return builder.build();
    }

    private static GaugeDataPointSnapshot point(double value, Labels labels) {
        return GaugeDataPointSnapshot.builder().value(value).labels(labels).build();
    }
}
