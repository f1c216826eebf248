package io.podlb.control.translate;

import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.TrafficRules;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One port of a Service in one family: the unit that the data plane serves.
 *
 * @param name its identity
 * @param policy name of the balancing policy
 * @param affinityTimeout null without session affinity
 * @param flows null for other protocols than UDP
 * @param traffic what it asks for beyond Kubernetes
 * @param topology which hints narrowed the cluster set (kube-semantics 4.6)
 * @param spill what leaves this zone in spite of hints for it; null: nothing
 * @param endpoints every endpoint of the port, usable or not, without duplicates, ordered by address
 * @param cluster the usable ones of the cluster (kube-semantics 4.2), a part of {@code endpoints}
 * @param local the usable ones of this node (kube-semantics 4.3), a part of {@code endpoints}
 * @param frontends where connections come in
 * @param faults what goes wrong with its endpoints on purpose
 */
public record FamilyPlan(
        ServicePortName name,
        String policy,
        @Nullable Duration affinityTimeout,
        @Nullable FlowPlan flows,
        TrafficRules traffic,
        Topology topology,
        @Nullable Spill spill,
        List<EndpointPlan> endpoints,
        List<EndpointPlan> cluster,
        List<EndpointPlan> local,
        List<FrontendPlan> frontends,
        FaultSet faults) {

    public FamilyPlan {
        endpoints = List.copyOf(endpoints);
        cluster = List.copyOf(cluster);
        local = List.copyOf(local);
        frontends = List.copyOf(frontends);
    }

    /** One that asks for nothing beyond Kubernetes. */
    public FamilyPlan(
            ServicePortName name,
            String policy,
            @Nullable Duration affinityTimeout,
            @Nullable FlowPlan flows,
            Topology topology,
            List<EndpointPlan> endpoints,
            List<EndpointPlan> cluster,
            List<EndpointPlan> local,
            List<FrontendPlan> frontends) {
        this(
                name,
                policy,
                affinityTimeout,
                flows,
                TrafficRules.NONE,
                topology,
                null,
                endpoints,
                cluster,
                local,
                frontends,
                FaultSet.NONE);
    }

    public List<EndpointPlan> usable(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? cluster : local;
    }

    /** Why no new connection of that set can get the endpoint, as a clause for people; null if it can. */
    public @Nullable String unusable(EndpointSet set, EndpointPlan endpoint) {
        return set == EndpointSet.CLUSTER ? endpoint.unusable() : EndpointChoice.unusableLocally(endpoint, local);
    }

    /**
     * Whether clients on this node and its Pods get from the front end what all others get. Only external policy Local
     * makes a difference (kube-semantics 5.6).
     */
    public boolean treatsNodeLocalClientsAlike(FrontendPlan frontend) {
        return frontend.verdict() == frontend.nodeLocalVerdict()
                && usable(frontend.endpointSet()).equals(usable(frontend.nodeLocalSet()));
    }

    /** Whether some front end offers that set to somebody (kube-semantics 2.12, 2.13). */
    public boolean uses(EndpointSet set) {
        return frontends.stream().anyMatch(frontend -> frontend.endpointSet() == set || frontend.nodeLocalSet() == set);
    }
}
