package io.podlb.control;

import io.podlb.control.translate.Check;
import io.podlb.control.translate.CheckKey;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.ServicePortSpecs;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** From plans to the table of the data plane. Pure. */
final class Tables {

    private Tables() {}

    /**
     * The table that follows: one version later, with the very specs of the one before where they are equal, so that
     * the data plane passes them over; the one before itself if nothing has changed.
     *
     * @param reachedAt where endpoints really listen, for those that do not listen where they say
     */
    static ServiceTable next(
            ServiceTable before, Planned planned, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        Map<ServicePortName, ServicePortSpec> ports = new HashMap<>();
        for (ServicePlan service : planned.services()) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    ServicePortSpec spec = spec(planned, family, reachedAt);
                    ServicePortSpec known = before.ports().get(spec.name());
                    ports.put(spec.name(), spec.equals(known) ? known : spec);
                }
            }
        }
        return ports.equals(before.ports()) ? before : new ServiceTable(before.version() + 1, ports);
    }

    private static ServicePortSpec spec(
            Planned planned, FamilyPlan family, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        ServicePortSpec spec =
                ServicePortSpecs.of(family, frontend -> planned.placement().of(family.name(), frontend));
        return reachedAt.isEmpty()
                ? spec
                : spec.withEndpoints(
                                moved(spec.cluster(), reachedAt),
                                moved(spec.local(), reachedAt),
                                moved(spec.flows(), reachedAt))
                        .withTraffic(moved(spec.traffic(), reachedAt));
    }

    /** The checks of a plan, made where endpoints really listen. */
    static Map<CheckKey, List<Check>> checks(Planned planned, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        Map<CheckKey, List<Check>> checks = new HashMap<>();
        planned.checks()
                .forEach((key, all) -> checks.put(
                        key,
                        all.stream()
                                .map(check -> check.at(target -> reachedAt.getOrDefault(target, target)))
                                .toList()));
        return checks;
    }

    private static FlowSpec moved(FlowSpec flows, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        return new FlowSpec(flows.idleTimeout(), moved(flows.alsoServing(), reachedAt), flows.mode());
    }

    private static TrafficRules moved(TrafficRules rules, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        return rules.withDrain(rules.drain().withStaying(moved(rules.drain().staying(), reachedAt)));
    }

    private static Set<SocketAddressSpec> moved(
            Set<SocketAddressSpec> addresses, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        return addresses.stream()
                .map(address -> reachedAt.getOrDefault(address, address))
                .collect(Collectors.toSet());
    }

    private static List<BackendSpec> moved(
            List<BackendSpec> backends, Map<SocketAddressSpec, SocketAddressSpec> reachedAt) {
        return backends.stream()
                .map(backend -> backend.at(reachedAt.getOrDefault(backend.address(), backend.address())))
                .toList();
    }
}
