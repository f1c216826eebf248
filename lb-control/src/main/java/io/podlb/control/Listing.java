package io.podlb.control;

import io.podlb.control.address.Placement;
import io.podlb.control.admin.Columns;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.Listeners;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is printed once everything listens: the Services, where they are served, and what to try. */
final class Listing {

    private final ControlView view;
    private final Listeners listeners;
    private final SocketAddressSpec admin;
    private final Columns frontends = new Columns("  ").row("SERVICE", "FRONT END", "SERVED AT", "ENDPOINTS");
    private final Columns commands = new Columns("  ");
    private final Set<String> failures = new TreeSet<>();

    Listing(ControlView view, List<ListenerView> listeners, SocketAddressSpec admin) {
        this.view = view;
        this.listeners = new Listeners(listeners);
        this.admin = admin;
    }

    /**
     * Prints it.
     *
     * @param demo whether to print the Pods and what to try as well
     */
    void print(PrintWriter out, boolean demo) {
        for (ServicePlan service : view.services()) {
            if (service.ports().isEmpty()) {
                frontends.row(name(service), "none", "not served, see the log", "");
            }
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    family.frontends().forEach(frontend -> add(service, family, frontend));
                }
            }
        }
        out.println("podlb serves on node " + view.node().name());
        out.println();
        out.print(frontends);
        if (!failures.isEmpty()) {
            out.println();
            failures.forEach(failure -> out.println("  " + failure));
        }
        if (demo) {
            printPods(out);
            commands.row("curl http://" + admin + "/api/v1/services", "# all of this as JSON");
            commands.row("curl http://" + admin + "/api/v1/connections", "# who was sent where, and why");
            out.println();
            out.println("Try it, several times; each answer is the name of the Pod that gave it:");
            out.println();
            out.print(commands);
        }
        out.println();
        out.println("Admin endpoint: http://" + admin + "; Ctrl-C stops.");
        out.flush();
    }

    private void add(ServicePlan service, FamilyPlan family, FrontendPlan frontend) {
        String what = frontend.kind().label() + " " + frontend.shown() + "/"
                + family.name().protocol();
        Placement placement = view.placement();
        List<SocketAddressSpec> binds = placement.of(family.name(), frontend);
        if (binds.isEmpty()) {
            frontends.row(name(service), what, "nowhere: no address of this machine matches", "");
        }
        for (SocketAddressSpec bind : binds) {
            ListenerView listener = listeners.find(family.name(), frontend.kind(), bind);
            frontends.row(
                    name(service),
                    what,
                    servedAt(bind, listener),
                    Integer.toString(family.usable(frontend.endpointSet()).size()));
            if (listener != null && listener.failure() != null) {
                failures.add(listener.failure());
            }
            if (listener != null && listener.bound() != null && family.name().protocol() == Protocol.TCP) {
                commands.row(
                        "curl http://" + reachable(listener.bound()) + "/",
                        "# " + service.name() + " by its "
                                + (frontend.kind() == FrontendKind.NODE_PORT
                                        ? "node port " + frontend.port()
                                        : frontend.kind().label() + " " + frontend.shown()));
            }
        }
    }

    private void printPods(PrintWriter out) {
        // By address, since several Services may have the same Pods.
        SortedMap<SocketAddressSpec, String> pods = new TreeMap<>();
        for (ServicePlan service : view.services()) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    family.endpoints()
                            .forEach(endpoint ->
                                    pods.put(endpoint.address(), endpoint.pod() == null ? "-" : endpoint.pod()));
                }
            }
        }
        Columns columns = new Columns("  ").row("POD", "ADDRESS", "LISTENS AT");
        pods.forEach((address, pod) -> columns.row(
                pod,
                address.toString(),
                view.reachedAt().getOrDefault(address, address).toString()));
        out.println();
        out.print(columns);
    }

    private static String servedAt(SocketAddressSpec bind, @Nullable ListenerView listener) {
        if (listener == null) {
            return bind + ", not opened yet";
        }
        return switch (listener.state()) {
            case OPEN -> String.valueOf(listener.bound());
            case EMPTY -> bind + ", closed: no endpoint";
            case FAILED -> bind + ", failed: see below";
            case UNSERVED -> bind + ", not served: podlb does not serve SCTP";
        };
    }

    private static String name(ServicePlan service) {
        return service.namespace() + "/" + service.name();
    }

    /** An address that a client on this machine can use, without the port that HTTP has anyway. */
    private static String reachable(SocketAddressSpec bound) {
        String text = bound.toString();
        if (bound.address().isAnyLocalAddress()) {
            text = (bound.address().getAddress().length == 4 ? "127.0.0.1" : "[::1]") + ":" + bound.port();
        }
        return text.endsWith(":80") ? text.substring(0, text.length() - 3) : text;
    }
}
