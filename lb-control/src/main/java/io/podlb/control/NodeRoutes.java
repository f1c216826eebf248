package io.podlb.control;

import io.podlb.control.address.LocalRoute;
import io.podlb.server.service.Cidr;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that this node owns the cluster IPs. A route that cannot be had is logged and keeps nothing else from being
 * done. Control thread only.
 */
final class NodeRoutes {

    private static final Logger log = LoggerFactory.getLogger(NodeRoutes.class);

    private final @Nullable LocalRoute route;
    private final List<Cidr> configured;

    /**
     * Asks for none yet.
     *
     * @param route the caller's to close; null where cluster IPs are not bound as they stand
     * @param configured the ranges of a cluster that does not say them
     */
    NodeRoutes(@Nullable LocalRoute route, List<Cidr> configured) {
        this.route = route;
        this.configured = configured;
    }

    /** Adds what is missing for these ranges; empty: the cluster does not say them. */
    void ensure(List<Cidr> discovered) {
        if (route != null) {
            logged(() -> route.require(discovered.isEmpty() ? configured : discovered));
        }
    }

    /** Adds again what somebody took away. */
    void repair() {
        if (route != null) {
            logged(route::repair);
        }
    }

    private static void logged(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            log.error("{}", e.getMessage());
        }
    }
}
