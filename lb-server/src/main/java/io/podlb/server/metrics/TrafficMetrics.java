package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import io.podlb.server.service.ServicePortName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counters of what a service port asks for beyond Kubernetes. Each is shown once there is something to count, since few
 * service ports ask for anything. May be used by any thread.
 */
public final class TrafficMetrics {

    private final Registered registered;
    private final ServicePortName port;
    private final Map<String, Counter> counters = new ConcurrentHashMap<>();

    TrafficMetrics(Registered registered, ServicePortName port) {
        this.registered = registered;
        this.port = port;
    }

    /** A backend is left out. */
    public void ejected() {
        counter(MetricNames.EJECTIONS).inc();
        counter(MetricNames.EJECTED).inc();
    }

    /** A backend that was left out is back, or gone. */
    public void restored(int count) {
        counter(MetricNames.EJECTED).dec(count);
    }

    /** The trial of a backend has failed. */
    public void trialFailed() {
        counter(MetricNames.EJECTION_TRIALS_FAILED).inc();
    }

    /** A backend should be left out, but no set can do without it. */
    public void ejectionPrevented() {
        counter(MetricNames.EJECTIONS_PREVENTED).inc();
    }

    /** So many backends get less than their share for a while. */
    public void slowStarted(int count) {
        if (count > 0) {
            counter(MetricNames.SLOW_STARTS).inc(count);
        }
    }

    /** A connection might have tried another backend, but the budget of retries was used up. */
    public void retryDenied() {
        counter(MetricNames.RETRIES_DENIED).inc();
    }

    /** A connection begins to wait for a place. */
    public void waits() {
        counter(MetricNames.CONNECTIONS_WAITED).inc();
        counter(MetricNames.CONNECTIONS_WAITING).inc();
    }

    /** A connection has a place now, or waits no more. */
    public void waited() {
        counter(MetricNames.CONNECTIONS_WAITING).dec();
    }

    /** A fault of that kind was done to a connection or a datagram on purpose. */
    public void faultInjected(String fault) {
        String name = MetricNames.of(MetricNames.FAULTS, port, "fault", fault);
        counters.computeIfAbsent(name, registered::counter).inc();
    }

    private Counter counter(String name) {
        return counters.computeIfAbsent(name, n -> registered.counter(MetricNames.of(n, port)));
    }
}
