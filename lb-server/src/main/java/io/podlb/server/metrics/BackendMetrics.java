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
            // After close the name may belong to a successor of the same address: count, but show nothing.
            Registered registered = new Registered(registry);
            if (closed) {
                registered.close();
            }
            now = new Handles(registered);
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
        final Registered registered;
        final Counter picks;
        final Counter connectFailures;
        final Counter connections;
        final Counter open;
        final Counter toBackend;
        final Counter toClient;
        final Histogram connectTime;
        final Histogram sessionTime;
        final EndCounters ended;

        Handles(Registered registered) {
            this.registered = registered;
            this.picks = counter(MetricNames.BACKEND_PICKS);
            this.connectFailures = counter(MetricNames.BACKEND_CONNECT_FAILURES);
            this.connections = counter(MetricNames.BACKEND_CONNECTIONS);
            this.open = counter(MetricNames.BACKEND_CONNECTIONS_OPEN);
            this.toBackend = counter(MetricNames.BACKEND_BYTES, "direction", "to-backend");
            this.toClient = counter(MetricNames.BACKEND_BYTES, "direction", "to-client");
            this.connectTime = registered.histogram(
                    MetricNames.of(MetricNames.BACKEND_CONNECT_TIME, port, "backend", address),
                    BucketReservoir.ofShortTimes());
            this.sessionTime = registered.histogram(
                    MetricNames.of(MetricNames.BACKEND_SESSION_TIME, port, "backend", address),
                    BucketReservoir.ofLifeTimes());
            this.ended = new EndCounters(reason -> counter(MetricNames.BACKEND_ENDED, "reason", reason));
        }

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
