package io.podlb.control.translate;

import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.ZoneSpill;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints of a service port new connections can get (kube-semantics 4).
 *
 * @param topology which hints narrow the cluster set
 * @param endpoints all, ordered by address
 * @param cluster usable ones of the cluster
 * @param local usable ones of this node
 * @param spill what leaves this zone in spite of hints; null: nothing
 */
record EndpointChoice(
        Topology topology,
        List<EndpointPlan> endpoints,
        List<EndpointPlan> cluster,
        List<EndpointPlan> local,
        @Nullable Spill spill) {

    static EndpointChoice of(
            SortedMap<SocketAddressSpec, SliceEndpoint> given,
            NodeFacts node,
            ZoneSpill spillRule,
            Predicate<SocketAddressSpec> up) {
        Set<SocketAddressSpec> failing = new HashSet<>();
        SortedMap<SocketAddressSpec, SliceEndpoint> endpoints = new TreeMap<>(given);
        endpoints.replaceAll((address, endpoint) -> {
            if (!endpoint.ready() || up.test(address)) {
                return endpoint;
            }
            failing.add(address);
            return endpoint.failing();
        });
        SortedMap<SocketAddressSpec, SliceEndpoint> ready = new TreeMap<>(endpoints);
        ready.values().removeIf(endpoint -> !endpoint.ready());
        Topology topology = topology(ready.values(), node);
        Spill spill = topology == Topology.ZONE ? Spill.of(ready, OrEmpty.text(node.zone()), spillRule) : null;
        Map<SocketAddressSpec, Integer> spilled = spill == null ? Map.of() : spill.weights();
        List<EndpointPlan> plans = endpoints.entrySet().stream()
                .map(entry -> {
                    Integer weight = spilled.get(entry.getKey());
                    return weight != null
                            ? plan(entry, weight, null)
                            : plan(
                                    entry,
                                    entry.getValue().weight(),
                                    failing.contains(entry.getKey())
                                            ? "its active check does not succeed"
                                            : unusable(entry.getValue(), topology, !ready.isEmpty(), node));
                })
                .toList();
        List<EndpointPlan> cluster =
                plans.stream().filter(plan -> plan.unusable() == null).toList();
        return new EndpointChoice(topology, plans, cluster, local(plans), spill);
    }

    /** What happens to a connection that is offered the set. An empty cluster set: nothing is usable anywhere (4.8, 4.11). */
    Verdict verdict(EndpointSet set) {
        if (cluster.isEmpty()) {
            return Verdict.REJECT;
        }
        return set == EndpointSet.LOCAL && local.isEmpty() ? Verdict.DROP : Verdict.FORWARD;
    }

    /** Why no new connection of the local set can get an endpoint, as a clause for people; null if it can. */
    static @Nullable String unusableLocally(EndpointPlan endpoint, List<EndpointPlan> local) {
        if (local.contains(endpoint)) {
            return null;
        }
        if (!endpoint.local()) {
            return endpoint.node() == null ? "its node is not known" : "on another node (" + endpoint.node() + ")";
        }
        return notReady(endpoint.serving(), endpoint.terminating(), " on this node");
    }

    /** Only ready endpoints are asked, and one without the hint switches it off (4.6, 4.7). */
    private static Topology topology(Collection<SliceEndpoint> ready, NodeFacts node) {
        boolean nodes = ready.stream().noneMatch(endpoint -> endpoint.forNodes().isEmpty());
        if (nodes && ready.stream().anyMatch(endpoint -> endpoint.forNodes().contains(node.name()))) {
            return Topology.NODE;
        }
        String zone = node.zone();
        boolean zones = zone != null
                && ready.stream().noneMatch(endpoint -> endpoint.forZones().isEmpty());
        return zones && ready.stream().anyMatch(endpoint -> endpoint.forZones().contains(zone))
                ? Topology.ZONE
                : Topology.NONE;
    }

    private static @Nullable String unusable(
            SliceEndpoint endpoint, Topology topology, boolean readyExist, NodeFacts node) {
        if (endpoint.ready()) {
            return switch (topology) {
                case NONE -> null;
                case NODE ->
                    endpoint.forNodes().contains(node.name())
                            ? null
                            : elsewhere("node", endpoint.node(), node.name()) + "; hints keep traffic on "
                                    + node.name();
                case ZONE ->
                    endpoint.forZones().contains(OrEmpty.text(node.zone()))
                            ? null
                            : elsewhere("zone", endpoint.zone(), OrEmpty.text(node.zone())) + "; hints keep traffic in "
                                    + node.zone();
            };
        }
        if (!readyExist && endpoint.servingWhileTerminating()) {
            return null;
        }
        return notReady(endpoint.serving(), endpoint.terminating(), "");
    }

    /** Hints may name other places than the one where the endpoint is. */
    private static String elsewhere(String what, @Nullable String place, String here) {
        return place == null || place.equals(here)
                ? "hinted for another " + what
                : (what.equals("node") ? "on" : "in") + " another " + what + " (" + place + ")";
    }

    private static String notReady(boolean serving, boolean terminating, String where) {
        if (!terminating) {
            return "not ready";
        }
        return serving ? "terminating; ready endpoints exist" + where : "terminating and no longer serving";
    }

    /** Hints never narrow it, and its fall-back is its own (4.3, 4.4). */
    private static List<EndpointPlan> local(List<EndpointPlan> plans) {
        List<EndpointPlan> here = plans.stream().filter(EndpointPlan::local).toList();
        List<EndpointPlan> ready = here.stream().filter(EndpointPlan::ready).toList();
        return ready.isEmpty()
                ? here.stream()
                        .filter(plan -> plan.serving() && plan.terminating())
                        .toList()
                : ready;
    }

    private static EndpointPlan plan(
            Map.Entry<SocketAddressSpec, SliceEndpoint> entry, int weight, @Nullable String unusable) {
        SliceEndpoint endpoint = entry.getValue();
        return new EndpointPlan(
                entry.getKey(),
                endpoint.pod(),
                endpoint.node(),
                endpoint.zone(),
                weight,
                endpoint.ready(),
                endpoint.serving(),
                endpoint.terminating(),
                endpoint.local(),
                unusable);
    }
}
