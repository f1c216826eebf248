package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.TrafficRules;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tells where Kubernetes would be silent and a person puzzled. Confined to one translation. */
final class Advice {

    private final Sourced<Service> service;
    private final ServiceSpec spec;
    private final ServiceFacts facts;
    private final NodeFacts node;
    private final ProblemList problems;

    Advice(Sourced<Service> service, ServiceFacts facts, NodeFacts node, ProblemList problems) {
        this.service = service;
        this.spec = service.object().getSpec();
        this.facts = facts;
        this.node = node;
        this.problems = problems;
    }

    void onService() {
        if (facts.type().equals("LoadBalancer")
                && Frontends.ingress(service.object()).isEmpty()) {
            problems.note(
                    service,
                    "status.loadBalancer.ingress",
                    "no load balancer gave the Service an address yet",
                    "set status.loadBalancer.ingress[0].ip to serve one here");
        }
        if (WellKnown.LOCAL.equals(spec.getExternalTrafficPolicy()) && !facts.externalLocal()) {
            problems.note(
                    service,
                    "spec.externalTrafficPolicy",
                    "Local has no effect on a Service without external address",
                    "set spec.internalTrafficPolicy for the cluster IP");
        }
    }

    void onTraffic(TrafficRules traffic, boolean trustsProxies) {
        boolean tcp = OrEmpty.list(spec.getPorts()).stream()
                .anyMatch(port -> !OrEmpty.text(port.getProtocol()).matches("UDP|SCTP"));
        if (tcp && traffic.proxyProtocol().required() && !trustsProxies) {
            problems.warning(
                    service,
                    AnnotationCheck.field(TrafficSetting.ACCEPT_PROXY.annotation()),
                    "a trusted proxy is required and none is named, so that every client is reset",
                    "name the proxies in front of podlb by --trusted-proxies, like 10.0.0.0/8");
        }
    }

    void onPort(int index, ServicePort port, Protocol protocol, JoinedEndpoints endpoints) {
        if (protocol == Protocol.SCTP) {
            problems.warning(
                    service,
                    "spec.ports[" + index + "].protocol",
                    "SCTP is not served, the port is only shown",
                    "use TCP or UDP");
        }
        String name = OrEmpty.text(port.getName());
        SortedSet<String> offered = endpoints.handMadePorts();
        if (!endpoints.hasPort(name, protocol) && !offered.isEmpty()) {
            problems.warning(
                    service,
                    "spec.ports[" + index + "].name",
                    "no EndpointSlice has a port \"" + name + "\"/" + protocol + ", so the port rejects; slices have "
                            + String.join(", ", offered),
                    "give both the same name and protocol, numbers do not matter");
        }
    }

    void onFamily(FamilyPlan plan) {
        if (!plan.cluster().isEmpty()) {
            if (plan.local().isEmpty()) {
                if (facts.internalLocal()) {
                    nothingLocal(plan, "spec.internalTrafficPolicy", "clients of the cluster IP");
                }
                if (facts.externalLocal() && plan.frontends().stream().anyMatch(FrontendPlan::external)) {
                    nothingLocal(plan, "spec.externalTrafficPolicy", "clients outside of this node");
                }
            }
            unusedHints(plan);
        }
    }

    /** Usual on a real node, but a riddle where nobody knows the name of the node (kube-semantics 3.7, 5.3). */
    private void nothingLocal(FamilyPlan plan, String field, String clients) {
        SortedSet<String> nodes = new TreeSet<>();
        for (EndpointPlan endpoint : plan.endpoints()) {
            if (endpoint.node() != null) {
                nodes.add(endpoint.node());
            }
        }
        if (node.name().isEmpty()) {
            problems.warning(
                    service,
                    field,
                    "Local, but the name of this node is not known, so no endpoint is local and " + clients
                            + " are refused",
                    "start with --node-name");
        } else if (nodes.isEmpty()) {
            problems.warning(
                    service,
                    field,
                    "Local, but no endpoint says on which node it is, so none is local and " + clients + " are refused",
                    "set spec.nodeName of the Pods (nodeName in slices) to " + node.name());
        } else {
            problems.note(
                    service,
                    field,
                    "Local, and no usable endpoint is on node " + node.name() + " (nodes with endpoints: "
                            + String.join(", ", nodes) + "), so " + clients + " are refused",
                    "run a Pod on " + node.name() + ", start with --node-name of a node that has one, or use Cluster");
        }
    }

    private void unusedHints(FamilyPlan plan) {
        String wanted = OrEmpty.orNull(spec.getTrafficDistribution());
        if (wanted == null || plan.topology() != Topology.NONE || !plan.uses(EndpointSet.CLUSTER)) {
            return;
        }
        String reason = reasonForNoTopology(plan);
        if (reason != null) {
            problems.note(
                    service,
                    "spec.trafficDistribution",
                    wanted + " has no effect here: " + reason,
                    "label every Node with " + WellKnown.ZONE);
        }
    }

    /** Null where all is as it should be: there is just no endpoint near. */
    private @Nullable String reasonForNoTopology(FamilyPlan plan) {
        if (node.zone() == null) {
            return "the zone of node " + node.name() + " is not known";
        }
        for (EndpointPlan endpoint : plan.endpoints()) {
            if (endpoint.ready() && endpoint.zone() == null) {
                return "the zone of endpoint " + endpoint.address() + " is not known";
            }
        }
        return null;
    }
}
