package io.podlb.control.admin;

import io.podlb.control.address.Placement;
import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What the control plane knows and has decided, as of one moment. Immutable; made by the control loop, read by anybody.
 *
 * @param services every Service, served or not, ordered by namespace and name
 * @param placement where their front ends are bound, or would be
 * @param reachedAt where endpoints really listen, for the simulated ones that could not have their own port
 * @param problems those that belong to no Service that is shown
 * @param stage how far the process is
 * @param stale why what is served may be out of date; null if it is not
 */
public record ControlView(
        NodeFacts node,
        List<ServicePlan> services,
        Placement placement,
        Map<SocketAddressSpec, SocketAddressSpec> reachedAt,
        List<Problem> problems,
        Stage stage,
        @Nullable String stale) {

    /** Stages of a process, in their order. */
    public enum Stage {
        /** The first table is not in force yet. */
        STARTING,
        /** The table is in force, and each of its listeners is open or its failure known. */
        READY,
        /** Stops: takes no more connections and lets the open ones finish. */
        DRAINING
    }

    public ControlView {
        services = List.copyOf(services);
        reachedAt = Map.copyOf(reachedAt);
        problems = List.copyOf(problems);
    }

    /** What is up to date. */
    public ControlView(
            NodeFacts node,
            List<ServicePlan> services,
            Placement placement,
            Map<SocketAddressSpec, SocketAddressSpec> reachedAt,
            List<Problem> problems,
            Stage stage) {
        this(node, services, placement, reachedAt, problems, stage, null);
    }

    /** Before anything is known. */
    public static ControlView starting(NodeFacts node) {
        return new ControlView(node, List.of(), Placement.NOWHERE, Map.of(), List.of(), Stage.STARTING);
    }

    /** The same at another stage. */
    public ControlView at(Stage next) {
        return new ControlView(node, services, placement, reachedAt, problems, next, stale);
    }

    /** The same, out of date for this reason; null: it is not. */
    public ControlView stale(@Nullable String reason) {
        return new ControlView(node, services, placement, reachedAt, problems, stage, reason);
    }

    /** The same with these Services in place of its own. */
    public ControlView with(List<ServicePlan> others) {
        return new ControlView(node, others, placement, reachedAt, problems, stage, stale);
    }

    /** The same with these Services alone. */
    public ControlView only(Predicate<ServicePlan> wanted) {
        return with(services.stream().filter(wanted).toList());
    }
}
