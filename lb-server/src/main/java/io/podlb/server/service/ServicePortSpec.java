package io.podlb.server.service;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is to be served for one service port.
 *
 * @param name its identity
 * @param frontends where it takes connections
 * @param policy name of the balancing policy
 * @param affinityTimeout how long a client without a new connection stays with its endpoint (kube-semantics 8.3);
 *     null: no affinity
 * @param cluster usable endpoints of the cluster, without duplicates
 * @param local usable endpoints of this node, without duplicates
 * @param flows what is special about UDP; {@link FlowSpec#NONE} for other protocols
 * @param traffic what it asks for beyond Kubernetes; {@link TrafficRules#NONE} by default
 * @param faults what goes wrong with its backends on purpose; {@link FaultSet#NONE} by default
 */
public record ServicePortSpec(
        ServicePortName name,
        List<FrontendSpec> frontends,
        String policy,
        @Nullable Duration affinityTimeout,
        List<BackendSpec> cluster,
        List<BackendSpec> local,
        FlowSpec flows,
        TrafficRules traffic,
        FaultSet faults) {

    public ServicePortSpec {
        frontends = List.copyOf(frontends);
        cluster = withoutDuplicates("cluster", cluster);
        local = withoutDuplicates("local", local);
        if (affinityTimeout != null && (affinityTimeout.isNegative() || affinityTimeout.isZero())) {
            throw new IllegalArgumentException("affinityTimeout: " + affinityTimeout + " (expected: positive)");
        }
    }

    /** One without faults. */
    public ServicePortSpec(
            ServicePortName name,
            List<FrontendSpec> frontends,
            String policy,
            @Nullable Duration affinityTimeout,
            List<BackendSpec> cluster,
            List<BackendSpec> local,
            FlowSpec flows,
            TrafficRules traffic) {
        this(name, frontends, policy, affinityTimeout, cluster, local, flows, traffic, FaultSet.NONE);
    }

    /** One that asks for nothing beyond Kubernetes. */
    public ServicePortSpec(
            ServicePortName name,
            List<FrontendSpec> frontends,
            String policy,
            @Nullable Duration affinityTimeout,
            List<BackendSpec> cluster,
            List<BackendSpec> local,
            FlowSpec flows) {
        this(name, frontends, policy, affinityTimeout, cluster, local, flows, TrafficRules.NONE);
    }

    /** The same with nothing special about UDP. */
    public ServicePortSpec(
            ServicePortName name,
            List<FrontendSpec> frontends,
            String policy,
            @Nullable Duration affinityTimeout,
            List<BackendSpec> cluster,
            List<BackendSpec> local) {
        this(name, frontends, policy, affinityTimeout, cluster, local, FlowSpec.NONE);
    }

    /** The same over other endpoints. */
    public ServicePortSpec withEndpoints(List<BackendSpec> otherCluster, List<BackendSpec> otherLocal, FlowSpec other) {
        return new ServicePortSpec(
                name, frontends, policy, affinityTimeout, otherCluster, otherLocal, other, traffic, faults);
    }

    /** The same under other rules. */
    public ServicePortSpec withTraffic(TrafficRules other) {
        return new ServicePortSpec(name, frontends, policy, affinityTimeout, cluster, local, flows, other, faults);
    }

    /** The same with other faults. */
    public ServicePortSpec withFaults(FaultSet other) {
        return new ServicePortSpec(name, frontends, policy, affinityTimeout, cluster, local, flows, traffic, other);
    }

    /** Every endpoint that serves, whether new connections may be sent to it or not (kube-semantics 9.4). */
    public Set<SocketAddressSpec> serving() {
        Set<SocketAddressSpec> serving = new HashSet<>(flows.alsoServing());
        cluster.forEach(backend -> serving.add(backend.address()));
        local.forEach(backend -> serving.add(backend.address()));
        return serving;
    }

    public List<BackendSpec> backends(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? cluster : local;
    }

    private static List<BackendSpec> withoutDuplicates(String what, List<BackendSpec> backends) {
        Set<SocketAddressSpec> seen = new HashSet<>();
        for (BackendSpec backend : backends) {
            if (!seen.add(backend.address())) {
                throw new IllegalArgumentException(what + ": " + backend.address() + " twice (expected: once)");
            }
        }
        return List.copyOf(backends);
    }
}
