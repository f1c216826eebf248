package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.Metric;
import com.codahale.metrics.MetricRegistry;
import java.util.HashMap;
import java.util.Map;

/**
 * The metrics that one owner put into the registry, so that they leave it together. May be used by any thread; after
 * {@link #close} new handles still work but are no longer shown.
 *
 * <p>Two owners can have metrics of one name for a moment, the one that is retired and its successor. The newer metric
 * is shown, and the older owner does not take it away.
 */
final class Registered implements AutoCloseable {

    private final MetricRegistry registry;
    private final Map<String, Metric> metrics = new HashMap<>(); // guarded by this
    private boolean closed; // guarded by this

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

    synchronized void remove(String name) {
        Metric metric = metrics.remove(name);
        if (metric != null) {
            hide(name, metric);
        }
    }

    private synchronized <M extends Metric> M add(String name, M metric) {
        if (!closed && metrics.putIfAbsent(name, metric) == null) {
            registry.remove(name);
            registry.register(name, metric);
        }
        return metric;
    }

    private void hide(String name, Metric metric) {
        if (registry.getMetrics().get(name) == metric) {
            registry.remove(name);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        metrics.forEach(this::hide);
        metrics.clear();
    }
}
