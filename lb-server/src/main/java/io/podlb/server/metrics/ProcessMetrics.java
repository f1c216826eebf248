package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.MetricRegistry;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;

/** Metrics of the data plane as a whole. */
public final class ProcessMetrics {

    private final Counter acceptPauses;
    private final Histogram applyTime;
    private final AtomicLong tableVersion = new AtomicLong();

    /**
     * Registers them.
     *
     * @param connectionLimit asked whenever somebody looks, as is the next one
     * @param listenersWaiting listeners without a descriptor
     */
    public ProcessMetrics(MetricRegistry registry, IntSupplier connectionLimit, IntSupplier listenersWaiting) {
        Registered registered = new Registered(registry);
        this.acceptPauses = registered.counter(MetricNames.ACCEPT_PAUSES);
        this.applyTime = registered.histogram(MetricNames.APPLY_TIME, BucketReservoir.ofShortTimes());
        registered.gauge(MetricNames.TABLE_VERSION, tableVersion::get);
        registered.gauge(MetricNames.CONNECTION_LIMIT, connectionLimit::getAsInt);
        registered.gauge(MetricNames.LISTENERS_WAITING, listenersWaiting::getAsInt);
    }

    /** Times that accepting stopped because descriptors had run out. */
    public Counter acceptPauses() {
        return acceptPauses;
    }

    /** A table is in force. */
    public void applied(long version, long nanos) {
        tableVersion.set(version);
        applyTime.update(nanos);
    }
}
