package io.podlb.control.cluster;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.List;

/**
 * Every object that matters, as of one moment, in the order read. Namespaced objects always have a namespace
 * ({@code default} where the manifest has none).
 *
 * @param workloads Deployments, ReplicaSets and StatefulSets; only {@code --simulate-pods} looks at them
 */
public record ClusterState(
        List<Sourced<Service>> services,
        List<Sourced<Pod>> pods,
        List<Sourced<EndpointSlice>> endpointSlices,
        List<Sourced<Endpoints>> endpoints,
        List<Sourced<Node>> nodes,
        List<Sourced<HasMetadata>> workloads) {

    public static final ClusterState EMPTY =
            new ClusterState(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public ClusterState {
        services = List.copyOf(services);
        pods = List.copyOf(pods);
        endpointSlices = List.copyOf(endpointSlices);
        endpoints = List.copyOf(endpoints);
        nodes = List.copyOf(nodes);
        workloads = List.copyOf(workloads);
    }
}
