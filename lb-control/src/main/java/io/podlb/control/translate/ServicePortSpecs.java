package io.podlb.control.translate;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** From plans to what the data plane is told. Pure. */
public final class ServicePortSpecs {

    private ServicePortSpecs() {}

    /**
     * The spec of one service port.
     *
     * @param binds where a front end is bound; empty if it cannot be
     * @return a spec whose sets are empty where no front end of the plan offers them (kube-semantics 2.12, 2.13)
     */
    public static ServicePortSpec of(FamilyPlan plan, Function<FrontendPlan, List<SocketAddressSpec>> binds) {
        List<FrontendSpec> frontends = new ArrayList<>();
        for (FrontendPlan frontend : plan.frontends()) {
            for (SocketAddressSpec bind : binds.apply(frontend)) {
                frontends.add(new FrontendSpec(
                        frontend.kind(),
                        bind,
                        frontend.endpointSet(),
                        frontend.nodeLocalSet(),
                        frontend.sourceRanges()));
            }
        }
        return new ServicePortSpec(
                plan.name(),
                frontends,
                plan.policy(),
                plan.affinityTimeout(),
                backends(plan, EndpointSet.CLUSTER),
                backends(plan, EndpointSet.LOCAL),
                flows(plan),
                traffic(plan),
                plan.faults());
    }

    /** What means nothing for the protocol is not asked for; who does not terminate may be back. */
    private static TrafficRules traffic(FamilyPlan plan) {
        TrafficRules rules = plan.traffic();
        for (TrafficSetting setting : TrafficSetting.values()) {
            if (!setting.appliesTo(plan.name().protocol())) {
                rules = setting.read(rules, setting.value(TrafficRules.NONE));
            }
        }
        return rules.drain().isOn()
                ? rules.withDrain(rules.drain()
                        .withStaying(plan.endpoints().stream()
                                .filter(endpoint -> !endpoint.terminating())
                                .map(EndpointPlan::address)
                                .collect(Collectors.toSet())))
                : rules;
    }

    /** Flows stay with what serves, whatever new ones would get (kube-semantics 9.4). */
    private static FlowSpec flows(FamilyPlan plan) {
        FlowPlan flows = plan.flows();
        if (flows == null) {
            return FlowSpec.NONE;
        }
        return new FlowSpec(
                flows.idleTimeout(),
                plan.endpoints().stream()
                        .filter(EndpointPlan::serving)
                        .map(EndpointPlan::address)
                        .collect(Collectors.toSet()),
                flows.mode());
    }

    private static List<BackendSpec> backends(FamilyPlan plan, EndpointSet set) {
        return plan.uses(set)
                ? plan.usable(set).stream().map(ServicePortSpecs::backend).toList()
                : List.of();
    }

    private static BackendSpec backend(EndpointPlan endpoint) {
        return new BackendSpec(endpoint.address(), endpoint.weight(), endpoint.pod(), endpoint.node(), endpoint.zone());
    }
}
