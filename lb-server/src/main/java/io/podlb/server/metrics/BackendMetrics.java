package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Histogram;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/**
 * Counters of one backend of one service port. Nothing is registered before the backend was picked once, since a large
 * cluster has many endpoints that this node never talks to.
 */
public final class BackendMetrics implements AutoCloseable {

    private final MetricRegistry registry;
    private final ServicePortName port;
    private final String address;
    private volatile @Nullable Handles handles;
    private boolean closed; // guarded by this

    public BackendMetrics(MetricRegistry registry, ServicePortName port, String address) {
        this.registry = registry;
        this.port = port;
        this.address = address;
    }

    public void picked() {
        handles().picks.inc();
    }

    public void connectFailed() {
        handles().connectFailures.inc();
    }

    public void connected(long nanos) {
        Handles h = handles();
        h.connections.inc();
        h.open.inc();
        h.connectTime.update(nanos);
    }

    /** Ends what {@link #connected} began. */
    public void ended(EndReason reason, long sessionNanos) {
        Handles h = handles();
        h.open.dec();
        h.sessionTime.update(sessionNanos);
        h.ended(reason).inc();
    }

    public void toBackend(long bytes) {
        handles().toBackend.inc(bytes);
    }

    public void toClient(long bytes) {
        handles().toClient.inc(bytes);
    }

    private Handles handles() {
        Handles now = handles;
        return now != null ? now : create();
    }

    private synchronized Handles create() {
        Handles now = handles;
        if (now == null) {
            now = new Handles();
            if (closed) {
                now.registered.close();
            }
            handles = now;
        }
        return now;
    }

    /** Takes the metrics out of the registry; sessions that go on may still count. */
    @Override
    public synchronized void close() {
        closed = true;
        Handles now = handles;
        if (now != null) {
            now.registered.close();
        }
    }

    private final class Handles {
        final Registered registered = new Registered(registry);
        final Counter picks = counter(MetricNames.BACKEND_PICKS);
        final Counter connectFailures = counter(MetricNames.BACKEND_CONNECT_FAILURES);
        final Counter connections = counter(MetricNames.BACKEND_CONNECTIONS);
        final Counter open = counter(MetricNames.BACKEND_CONNECTIONS_OPEN);
        final Counter toBackend = counter(MetricNames.BACKEND_BYTES, "direction", "to-backend");
        final Counter toClient = counter(MetricNames.BACKEND_BYTES, "direction", "to-client");
        final Histogram connectTime = registered.histogram(
                MetricNames.of(MetricNames.BACKEND_CONNECT_TIME, port, "backend", address),
                BucketReservoir.ofShortTimes());
        final Histogram sessionTime = registered.histogram(
                MetricNames.of(MetricNames.BACKEND_SESSION_TIME, port, "backend", address),
                BucketReservoir.ofLifeTimes());
        final EndCounters ended = new EndCounters(reason -> counter(MetricNames.BACKEND_ENDED, "reason", reason));

        Counter ended(EndReason reason) {
            return ended.of(reason);
        }

        private Counter counter(String name, String... labels) {
            String[] all = new String[labels.length + 2];
            all[0] = "backend";
            all[1] = address;
            System.arraycopy(labels, 0, all, 2, labels.length);
            return registered.counter(MetricNames.of(name, port, all));
        }
    }
}
