package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The metrics that one owner put into the registry, so that they leave it together. May be used by any thread; after
 * {@link #close} new handles still work but are no longer shown.
 */
final class Registered implements AutoCloseable {

    private final MetricRegistry registry;
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Registered(MetricRegistry registry) {
        this.registry = registry;
    }

    Counter counter(String name) {
        return add(name, new Counter());
    }

    Histogram histogram(String name, BucketReservoir reservoir) {
        return add(name, new Histogram(reservoir));
    }

    void gauge(String name, Gauge<? extends Number> gauge) {
        add(name, gauge);
    }

    void remove(String name) {
        if (names.remove(name)) {
            registry.remove(name);
        }
    }

    private <M extends Metric> M add(String name, M metric) {
        if (!closed && names.add(name)) {
            // A name can still be there if its former owner is being retired: the newer one is shown.
            registry.remove(name);
            registry.register(name, metric);
            if (closed) {
                remove(name);
            }
        }
        return metric;
    }

    @Override
    public void close() {
        closed = true;
        names.forEach(this::remove);
    }
}
