package io.podlb.control;

import io.podlb.control.address.Placement;
import io.podlb.control.cluster.Problem;
import io.podlb.control.simulate.SimulatedPod;
import io.podlb.control.translate.Check;
import io.podlb.control.translate.CheckKey;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.ServicePlan;
import java.util.List;
import java.util.Map;

/**
 * What the manifests of one moment mean for this node.
 *
 * @param services every Service with its problems, ordered by namespace and name
 * @param placement where their front ends are bound
 * @param pods Pods to play
 * @param checks what has to be checked for the Services that ask for it
 * @param problems those that belong to no Service
 */
record Planned(
        NodeFacts node,
        List<ServicePlan> services,
        Placement placement,
        List<SimulatedPod> pods,
        Map<CheckKey, List<Check>> checks,
        List<Problem> problems) {

    /** Whether there are Services, and not one of them can be served or was meant not to be. */
    boolean isRefused() {
        return !services.isEmpty()
                && services.stream()
                        .allMatch(service -> service.ports().isEmpty()
                                && service.problems().stream()
                                        .anyMatch(problem -> problem.severity() == Problem.Severity.ERROR));
    }
}
