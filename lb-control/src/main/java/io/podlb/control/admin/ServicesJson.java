package io.podlb.control.admin;

import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FlowPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Spill;
import io.podlb.control.translate.Topology;
import io.podlb.control.translate.TrafficSetting;
import io.podlb.control.translate.Verdict;
import io.podlb.server.balance.Policies;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The Services as JSON, for {@code explain -o json} and {@code GET /api/v1/services}. Others script against it: fields
 * may be added, never renamed or dropped. For any thread.
 */
public final class ServicesJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final ControlView view;
    private final Listeners listeners;
    private final Policies policies;

    private ServicesJson(ControlView view, Listeners listeners, Policies policies) {
        this.view = view;
        this.listeners = listeners;
        this.policies = policies;
    }

    /**
     * One object, indented.
     *
     * @param listeners what the data plane listens on; {@link Listeners#NONE} where nothing was ever bound
     * @param policies say which share an endpoint can expect
     */
    public static String of(ControlView view, Listeners listeners, Policies policies) {
        return JSON.writeValueAsString(new ServicesJson(view, listeners, policies).table());
    }

    private ObjectNode table() {
        ObjectNode table = JSON.createObjectNode();
        table.putObject("node")
                .put("name", view.node().name())
                .put("zone", view.node().zone());
        ArrayNode services = table.putArray("services");
        view.services().forEach(service -> write(service, services.addObject()));
        ArrayNode problems = table.putArray("problems");
        view.problems().stream().map(Problem::toString).forEach(problems::add);
        return table;
    }

    private void write(ServicePlan service, ObjectNode json) {
        json.put("namespace", service.namespace()).put("name", service.name()).put("type", service.type());
        ArrayNode clusterIps = json.putArray("clusterIPs");
        service.clusterIps().forEach(clusterIps::add);
        ArrayNode ports = json.putArray("ports");
        service.ports().forEach(port -> write(port, ports.addObject()));
        ArrayNode problems = json.putArray("problems");
        service.problems().stream().map(Problem::toString).forEach(problems::add);
    }

    private void write(PortPlan port, ObjectNode json) {
        json.put("name", port.name())
                .put("protocol", port.protocol().name())
                .put("port", port.port())
                .put("targetPort", port.targetPort())
                .put("nodePort", port.nodePort());
        writeTraffic(port, json);
        writeFaults(port, json);
        ArrayNode frontends = json.putArray("frontends");
        for (FamilyPlan family : port.families()) {
            for (FrontendPlan frontend : family.frontends()) {
                write(family, frontend, frontends.addObject());
            }
        }
    }

    /** The annotations in force, as they would be written; those of another protocol are left out. */
    private static void writeTraffic(PortPlan port, ObjectNode json) {
        ObjectNode traffic = json.putObject("traffic");
        for (FamilyPlan family : port.families()) { // all say the same
            for (TrafficSetting setting : TrafficSetting.values()) {
                if (setting.appliesTo(port.protocol())) {
                    traffic.put(setting.key(), setting.value(family.traffic()));
                }
            }
        }
    }

    /** As the annotations say; they can differ by family, since Pods bring some. */
    private static void writeFaults(PortPlan port, ObjectNode json) {
        ArrayNode faults = json.putArray("faults");
        port.families().stream()
                .flatMap(family -> family.faults().rules().stream())
                .map(FaultRule::toString)
                .distinct()
                .forEach(faults::add);
    }

    private void write(FamilyPlan family, FrontendPlan frontend, ObjectNode json) {
        InetAddress address = frontend.address();
        boolean hints = frontend.endpointSet() == EndpointSet.CLUSTER;
        json.put("kind", frontend.kind().label())
                .put("family", family.name().family().kubernetesName())
                .put(
                        "address",
                        frontend.kind() == FrontendKind.NODE_PORT || address == null ? "*" : address.getHostAddress())
                .put("port", frontend.port());
        writeListeners(family, frontend, json);
        json.put("scope", frontend.external() ? "external" : "internal")
                .put("endpointSet", frontend.endpointSet().label())
                .put("verdict", frontend.verdict().label())
                .put("topology", (hints ? family.topology() : Topology.NONE).label())
                .put("policy", family.policy());
        Spill spill = hints ? family.spill() : null;
        if (spill != null) {
            ObjectNode spilled = json.putObject("zoneSpill");
            spilled.put("loadFactor", rounded(spill.loadFactor())).put("kept", rounded(spill.kept()));
            ArrayNode zones = spilled.putArray("zones");
            spill.zones().forEach(zones::add);
        }
        json.put(
                "affinitySeconds",
                family.affinityTimeout() == null
                        ? null
                        : (Long) family.affinityTimeout().toSeconds());
        if (family.flows() != null) {
            writeFlows(family.flows(), json);
        }
        writeEndpoints(family, frontend.endpointSet(), frontend.verdict(), json.putArray("endpoints"));
        writeNotUsed(family, frontend.endpointSet(), json.putArray("notUsed"));
        if (!family.treatsNodeLocalClientsAlike(frontend)) {
            ObjectNode local = json.putObject("nodeLocalClients");
            local.put("verdict", frontend.nodeLocalVerdict().label());
            writeEndpoints(family, frontend.nodeLocalSet(), frontend.nodeLocalVerdict(), local.putArray("endpoints"));
        }
    }

    /** Of UDP alone. {@code udpIdleSeconds} is null where {@code --udp-idle-timeout} rules. */
    private static void writeFlows(FlowPlan flows, ObjectNode json) {
        Duration idle = flows.idleTimeout();
        json.put("udpFlows", flows.mode().label())
                .put("udpIdleSeconds", idle == null ? null : (Double) (idle.toMillis() / 1000.0));
    }

    /** {@code bound} is the first address that is listened on; {@code listeners} has all, and why one is closed. */
    private void writeListeners(FamilyPlan family, FrontendPlan frontend, ObjectNode json) {
        SocketAddressSpec bound = null;
        ArrayNode all = JSON.createArrayNode();
        for (SocketAddressSpec bind : view.placement().of(family.name(), frontend)) {
            ListenerView listener = listeners.find(family.name(), frontend.kind(), bind);
            SocketAddressSpec open = listener == null ? null : listener.bound();
            bound = bound == null ? open : bound;
            all.addObject()
                    .put("address", (open == null ? bind : open).toString())
                    .put(
                            "state",
                            listener == null ? null : listener.state().name().toLowerCase(Locale.ROOT))
                    .put("failure", listener == null ? null : listener.failure());
        }
        json.put("bound", bound == null ? null : bound.toString());
        json.set("listeners", all);
    }

    private void writeEndpoints(FamilyPlan family, EndpointSet set, Verdict verdict, ArrayNode json) {
        if (verdict == Verdict.FORWARD) {
            Offer offer = Offer.of(family, set, policies);
            for (int i = 0; i < offer.endpoints().size(); i++) {
                write(offer.endpoints().get(i), offer.share(i), json.addObject());
            }
        }
    }

    private void writeNotUsed(FamilyPlan family, EndpointSet set, ArrayNode json) {
        for (EndpointPlan endpoint : family.endpoints()) {
            String reason = family.unusable(set, endpoint);
            if (reason != null) {
                ObjectNode entry = json.addObject();
                write(endpoint, 0.0, entry);
                entry.put("reason", reason);
            }
        }
    }

    private void write(EndpointPlan endpoint, @Nullable Double share, ObjectNode json) {
        SocketAddressSpec reachedAt = view.reachedAt().get(endpoint.address());
        json.put("address", endpoint.address().address().getHostAddress())
                .put("port", endpoint.address().port())
                .put("share", share == null ? null : (Double) rounded(share))
                .put("pod", endpoint.pod())
                .put("node", endpoint.node())
                .put("zone", endpoint.zone())
                .put("weight", endpoint.weight())
                .put("ready", endpoint.ready())
                .put("serving", endpoint.serving())
                .put("terminating", endpoint.terminating())
                .put("local", endpoint.local());
        if (reachedAt != null) {
            json.put("reachedAt", reachedAt.toString());
        }
    }

    private static double rounded(double share) {
        return Math.round(share * 10_000) / 10_000.0;
    }
}
