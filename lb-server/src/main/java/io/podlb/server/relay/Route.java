package io.podlb.server.relay;

import io.podlb.server.balance.BackendPool;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where the connections of one front end go. The spec is replaced by the control thread and read by every event loop;
 * all else stays.
 */
public final class Route {

    private final ServicePortName port;
    private final BackendPool pool;
    private final ServicePortMetrics metrics;
    private volatile FrontendSpec frontend; // written by the control thread
    private volatile @Nullable Long flowIdleNanos; // written by the control thread
    private volatile FlowMode flowMode = FlowMode.PER_CLIENT; // written by the control thread

    public Route(ServicePortName port, FrontendSpec frontend, BackendPool pool, ServicePortMetrics metrics) {
        this.port = port;
        this.frontend = frontend;
        this.pool = pool;
        this.metrics = metrics;
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

    /** Whether there is an endpoint to offer to anybody. */
    public boolean hasEndpoints() {
        FrontendSpec now = frontend;
        return !pool.balancer(now.endpointSet()).candidates().isEmpty()
                || !pool.balancer(now.nodeLocalSet()).candidates().isEmpty();
    }
}
