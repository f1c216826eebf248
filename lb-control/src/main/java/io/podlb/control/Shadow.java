package io.podlb.control;

import io.podlb.control.address.ListeningSockets;
import io.podlb.control.address.Placement;
import io.podlb.control.admin.ControlView;
import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.SocketAddressSpec;
import java.util.ArrayList;
import java.util.List;

/** What {@code --shadow} adds to plans that are not carried out: which of their binds would fail. Pure. */
final class Shadow {

    private Shadow() {}

    /** The view with a problem for each front end whose address somebody else has. */
    static ControlView of(ControlView view, ListeningSockets sockets) {
        return view.with(view.services().stream()
                .map(plan -> of(plan, view.placement(), sockets))
                .toList());
    }

    /** The plan with a problem for each front end whose address somebody else has. */
    static ServicePlan of(ServicePlan plan, Placement placement, ListeningSockets sockets) {
        List<Problem> problems = new ArrayList<>(plan.problems());
        for (PortPlan port : plan.ports()) {
            for (FamilyPlan family : port.families()) {
                for (FrontendPlan frontend : family.frontends()) {
                    for (SocketAddressSpec bind : placement.of(family.name(), frontend)) {
                        SocketAddressSpec other =
                                sockets.inTheWayOf(family.name().protocol(), bind);
                        if (other != null) {
                            problems.add(clash(plan, family, frontend, bind, other));
                        }
                    }
                }
            }
        }
        return problems.size() == plan.problems().size()
                ? plan
                : new ServicePlan(
                        plan.namespace(), plan.name(), plan.type(), plan.clusterIps(), plan.ports(), problems);
    }

    private static Problem clash(
            ServicePlan plan,
            FamilyPlan family,
            FrontendPlan frontend,
            SocketAddressSpec bind,
            SocketAddressSpec other) {
        return new Problem(
                Problem.Severity.WARNING,
                null,
                "Service " + plan.namespace() + "/" + plan.name(),
                null,
                frontend.kind().label() + " " + bind + "/" + family.name().protocol()
                        + " could not be bound, another socket listens on " + other,
                "end it before podlb serves (ss -lntup shows who has it)");
    }
}
