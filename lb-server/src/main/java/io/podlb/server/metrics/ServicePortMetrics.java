package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import org.jspecify.annotations.Nullable;

/** Counters of one service port. They leave the registry when the service port does. */
public final class ServicePortMetrics implements AutoCloseable {

    private final MetricRegistry registry;
    private final ServicePortName port;
    private final Registered registered;
    private final Counter connections;
    private final Counter open;
    private final Counter failed;
    private final Counter picks;
    private final Counter attempts;
    private final Counter retries;
    private final Counter toBackend;
    private final Counter toClient;
    private final Counter bindFailures;
    private final LateHistogram connectTime;
    private final LateHistogram sessionTime;
    private final EndCounters ended;
    private final TrafficMetrics traffic;
    private @Nullable FlowMetrics flows; // guarded by this

    public ServicePortMetrics(MetricRegistry registry, ServicePortName port) {
        this.registry = registry;
        this.port = port;
        this.registered = new Registered(registry);
        this.connections = counter(MetricNames.CONNECTIONS);
        this.open = counter(MetricNames.CONNECTIONS_OPEN);
        this.failed = counter(MetricNames.CONNECTIONS_FAILED);
        this.picks = counter(MetricNames.PICKS);
        this.attempts = counter(MetricNames.CONNECT_ATTEMPTS);
        this.retries = counter(MetricNames.CONNECT_RETRIES);
        this.toBackend = counter(MetricNames.BYTES, "direction", "to-backend");
        this.toClient = counter(MetricNames.BYTES, "direction", "to-client");
        this.bindFailures = counter(MetricNames.BIND_FAILURES);
        this.traffic = new TrafficMetrics(registered, port);
        this.connectTime = new LateHistogram(() ->
                registered.histogram(MetricNames.of(MetricNames.CONNECT_TIME, port), BucketReservoir.ofShortTimes()));
        this.sessionTime = new LateHistogram(() ->
                registered.histogram(MetricNames.of(MetricNames.SESSION_TIME, port), BucketReservoir.ofLifeTimes()));
        this.ended = new EndCounters(reason -> counter(MetricNames.CONNECTIONS_ENDED, "reason", reason));
    }

    /** Handles for one backend of this service port. The caller closes them when the backend is retired. */
    public BackendMetrics backend(String address) {
        return new BackendMetrics(registry, port, address);
    }

    /** Handles for UDP flows; registered with the first call, so that other protocols do not show them. */
    public synchronized FlowMetrics flows() {
        FlowMetrics now = flows;
        if (now == null) {
            now = new FlowMetrics(registered, port);
            flows = now;
        }
        return now;
    }

    /** Handles for what the service port asks for beyond Kubernetes. */
    public TrafficMetrics traffic() {
        return traffic;
    }

    public void accepted() {
        connections.inc();
        open.inc();
    }

    public void ended(EndReason reason) {
        open.dec();
        ended.of(reason).inc();
        if (reason.isFailure()) {
            failed.inc();
        }
    }

    public void sessionTime(long nanos) {
        sessionTime.update(nanos);
    }

    public void picked() {
        picks.inc();
    }

    /** A connect to a backend begins; {@code first} is false for the second and later of a connection. */
    public void attempted(boolean first) {
        attempts.inc();
        if (!first) {
            retries.inc();
        }
    }

    public void connected(long nanos) {
        connectTime.update(nanos);
    }

    public void toBackend(long bytes) {
        toBackend.inc(bytes);
    }

    public void toClient(long bytes) {
        toClient.inc(bytes);
    }

    public void bindFailed() {
        bindFailures.inc();
    }

    /** Shows whether a listener is open, until {@link #forgetListener}. */
    public void watchListener(FrontendSpec frontend, Gauge<Integer> open) {
        registered.gauge(listenerName(frontend), open);
    }

    public void forgetListener(FrontendSpec frontend) {
        registered.remove(listenerName(frontend));
    }

    public void watchPool(EndpointSet set, Gauge<Integer> size) {
        registered.gauge(MetricNames.of(MetricNames.POOL_BACKENDS, port, "set", set.label()), size);
    }

    public void watchAffinity(Gauge<Long> entries) {
        registered.gauge(MetricNames.of(MetricNames.AFFINITY_ENTRIES, port), entries);
    }

    @Override
    public void close() {
        registered.close();
    }

    private String listenerName(FrontendSpec frontend) {
        return MetricNames.of(
                MetricNames.LISTENER_OPEN,
                port,
                "kind",
                frontend.kind().label(),
                "address",
                frontend.bind().toString());
    }

    private Counter counter(String name, String... labels) {
        return registered.counter(MetricNames.of(name, port, labels));
    }
}
