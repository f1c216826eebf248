package io.podlb.server;

import io.podlb.server.balance.BackendPool;
import io.podlb.server.fault.PortFaults;
import io.podlb.server.limit.Limiter;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.Listeners;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.relay.Route;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One service port as it runs: its backends, its front ends and its metrics.
 *
 * <p>Thread rule: the control thread; {@link #listeners} may be called by any thread.
 */
final class ServicePort {

    private final BackendPool pool;
    private final ServicePortMetrics metrics;
    private final Listeners listeners;
    private final Closings closings;
    private final PortFaults faults;
    private final AtomicLong arrivals = new AtomicLong(); // counted up by event loops
    private final Limiter limiter;
    private volatile ServicePortSpec spec; // written by the control thread
    private volatile List<Route> routes = List.of(); // written by the control thread
    private boolean complete; // control thread; false while an update is under way, and for good if it failed

    /** Runs the spec, once the listeners settle. The pool is complete before the first address is claimed. */
    ServicePort(
            ServicePortSpec spec,
            BackendPool pool,
            ServicePortMetrics metrics,
            Limiter limiter,
            Listeners listeners,
            Closings closings,
            PortFaults faults) {
        this.spec = spec;
        this.pool = pool;
        this.metrics = metrics;
        this.listeners = listeners;
        this.closings = closings;
        this.limiter = limiter;
        this.faults = faults;
    }

    ServicePortSpec spec() {
        return spec;
    }

    /** Whether it runs this spec, all of it. */
    boolean runs(ServicePortSpec wanted) {
        return complete && spec.equals(wanted);
    }

    /** Gives up the addresses that the next spec no longer has; others may want them. */
    void releaseFrontends(ServicePortSpec next) {
        List<FrontendSpec> wanted = served(next);
        List<Route> kept = new ArrayList<>();
        for (Route route : routes) {
            if (wanted.stream().anyMatch(frontend -> sameAddress(frontend, route.frontend()))) {
                kept.add(route);
            } else {
                listeners.remove(route);
                metrics.forgetListener(route.frontend());
            }
        }
        routes = List.copyOf(kept);
    }

    /** Takes over the next spec: backends first, then what is left of its addresses. */
    void update(ServicePortSpec next) {
        complete = false;
        faults.update(next.faults());
        if (!spec.equals(next)) { // the pool was made from the first one
            pool.update(next);
            spec = next;
        }
        limiter.update(next.traffic().limits()); // after the pool: those that wait may find a place in it
        pool.takeLeaving()
                .forEach(backend -> closings.drain(
                        next.name(), backend, next.traffic().drain().within()));
        Map<SocketAddressSpec, Route> existing = new HashMap<>();
        routes.forEach(route -> existing.put(route.frontend().bind(), route));
        List<Route> all = new ArrayList<>();
        for (FrontendSpec frontend : served(next)) {
            Route route = existing.get(frontend.bind());
            if (route == null || route.frontend().kind() != frontend.kind()) {
                route = new Route(next.name(), frontend, pool, metrics, arrivals, limiter, faults);
                listeners.add(route);
                watch(route);
            } else {
                route.update(frontend);
                listeners.touch(route);
            }
            route.update(next.flows());
            route.update(next.traffic());
            all.add(route);
        }
        routes = List.copyOf(all);
        if (next.name().protocol() == Protocol.UDP) {
            Set<SocketAddressSpec> serving = next.serving();
            routes.forEach(route -> listeners.endStale(route, serving));
        }
        complete = true;
    }

    private void watch(Route route) {
        metrics.watchListener(route.frontend(), () -> listeners.view(route).state() == ListenerView.State.OPEN ? 1 : 0);
    }

    /** Whether it changes with time, so that {@link #pulse} should be called now and then. */
    boolean isRestless() {
        return pool.isRestless();
    }

    /** Does what time demands. */
    void pulse() {
        pool.pulse();
        pool.overfull().forEach(closings::finish);
    }

    /**
     * Takes no more clients, for good, those that wait for a place included; what still runs goes on, with its backends
     * and metrics, UDP flows included.
     */
    void drain() {
        limiter.close();
        routes.forEach(listeners::drain);
        routes = List.of();
    }

    /** Stops listening and forgets the backends; connections go on, UDP flows do not. */
    void close() {
        routes.forEach(listeners::remove);
        routes = List.of();
        pool.close();
        limiter.update(spec.traffic().limits()); // those that wait find that there is nobody left
        faults.close();
        metrics.close();
    }

    /** What became of each front end. */
    List<ListenerView> listeners() {
        ServicePortSpec now = spec;
        if (now.name().protocol() == Protocol.SCTP) {
            return now.frontends().stream()
                    .map(frontend -> new ListenerView(
                            now.name(),
                            frontend,
                            ListenerView.State.UNSERVED,
                            null,
                            now.name().protocol() + " is not served; TCP and UDP ports of the same Service are"))
                    .toList();
        }
        return routes.stream().map(listeners::view).toList();
    }

    private static List<FrontendSpec> served(ServicePortSpec spec) {
        return spec.name().protocol() == Protocol.SCTP ? List.of() : spec.frontends();
    }

    private static boolean sameAddress(FrontendSpec a, FrontendSpec b) {
        return a.kind() == b.kind() && a.bind().equals(b.bind());
    }
}
