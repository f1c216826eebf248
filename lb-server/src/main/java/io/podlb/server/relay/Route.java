package io.podlb.server.relay;

import io.podlb.server.balance.BackendPool;
import io.podlb.server.fault.PortFaults;
import io.podlb.server.limit.Limiter;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.ClientAddress;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ProxyProtocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.AccessLog;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of one front end go. The spec is replaced by the control thread and read by every event loop;
 * all else stays.
 */
public final class Route {

    private final ServicePortName port;
    private final BackendPool pool;
    private final ServicePortMetrics metrics;
    private final AtomicLong arrivals;
    private final Limiter limiter;
    private final PortFaults faults;
    private final ClientSource clientSource;
    private volatile FrontendSpec frontend; // written by the control thread
    private volatile @Nullable Long flowIdleNanos; // written by the control thread
    private volatile FlowMode flowMode = FlowMode.PER_CLIENT; // written by the control thread
    private volatile TrafficRules traffic = TrafficRules.NONE; // written by the control thread

    /**
     * A route of one front end.
     *
     * @param arrivals counts the connections of the service port by all of its routes
     */
    public Route(
            ServicePortName port,
            FrontendSpec frontend,
            BackendPool pool,
            ServicePortMetrics metrics,
            AtomicLong arrivals,
            Limiter limiter,
            PortFaults faults) {
        this.port = port;
        this.frontend = frontend;
        this.pool = pool;
        this.metrics = metrics;
        this.arrivals = arrivals;
        this.limiter = limiter;
        this.faults = faults;
        this.clientSource = new ClientSource(port);
    }

    public ServicePortName port() {
        return port;
    }

    public FrontendSpec frontend() {
        return frontend;
    }

    /** Replaces the spec; connections that exist keep what they read. Control thread only. */
    public void update(FrontendSpec next) {
        frontend = next;
    }

    /** Replaces what is special about UDP, for flows that begin. Control thread only. */
    public void update(FlowSpec next) {
        Duration idleTimeout = next.idleTimeout();
        flowIdleNanos = idleTimeout == null ? null : (Long) idleTimeout.toNanos();
        flowMode = next.mode();
    }

    /**
     * Replaces the rules: headers and addresses of clients for connections that begin, what is logged for those that end
     * from now on. Control thread only.
     */
    public void update(TrafficRules next) {
        traffic = next;
    }

    /** Whether headers tell of clients. */
    public ProxyProtocol proxyProtocol() {
        return traffic.proxyProtocol();
    }

    ClientAddress clientAddress() {
        return traffic.clientAddress();
    }

    ClientSource clientSource() {
        return clientSource;
    }

    AccessLog accessLog() {
        return traffic.accessLog();
    }

    FlowMode flowMode() {
        return flowMode;
    }

    /** Null: the default of the data plane. */
    @Nullable
    Long flowIdleNanos() {
        return flowIdleNanos;
    }

    public BackendPool pool() {
        return pool;
    }

    public ServicePortMetrics metrics() {
        return metrics;
    }

    /** The ordinal of a connection or flow that begins. Any thread. */
    long nextOrdinal() {
        return arrivals.incrementAndGet();
    }

    /** How many connections the service port takes, on all its front ends together. */
    Limiter limiter() {
        return limiter;
    }

    PortFaults faults() {
        return faults;
    }

    /** Whether there is an endpoint to offer to anybody. */
    public boolean hasEndpoints() {
        FrontendSpec now = frontend;
        return !pool.balancer(now.endpointSet()).candidates().isEmpty()
                || !pool.balancer(now.nodeLocalSet()).candidates().isEmpty();
    }
}
