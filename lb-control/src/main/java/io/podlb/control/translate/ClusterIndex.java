package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The objects of a {@link ClusterState} by Service, so that a translation sees nothing but its own. Made in one pass
 * over the state; never changes.
 */
public final class ClusterIndex {

    private final Map<String, Map<String, Sourced<Pod>>> podsByNamespace = new HashMap<>();
    private final Map<ServiceKey, List<Sourced<EndpointSlice>>> slices;
    private final Map<ServiceKey, List<Sourced<Endpoints>>> endpoints;
    private final Map<String, String> zones = new HashMap<>();
    private final List<Problem> problems;

    private ClusterIndex(ClusterState state) {
        for (Sourced<Pod> pod : state.pods()) {
            podsByNamespace
                    .computeIfAbsent(pod.object().getMetadata().getNamespace(), namespace -> new HashMap<>())
                    .putIfAbsent(pod.object().getMetadata().getName(), pod);
        }
        for (Sourced<Node> node : state.nodes()) {
            String zone = NodeFacts.zone(node.object());
            if (zone != null) {
                zones.put(node.object().getMetadata().getName(), zone);
            }
        }
        slices = group(state.endpointSlices(), ClusterIndex::owner);
        endpoints = group(state.endpoints(), object -> object.getMetadata().getName());
        problems = problems(state);
    }

    public static ClusterIndex of(ClusterState state) {
        return new ClusterIndex(state);
    }

    /** What stands behind the Service. */
    public ServiceEndpoints endpointsOf(Sourced<Service> service) {
        String namespace = service.object().getMetadata().getNamespace();
        ServiceKey key =
                new ServiceKey(namespace, service.object().getMetadata().getName());
        return EndpointSlices.of(
                service,
                podsByNamespace.getOrDefault(namespace, Map.of()),
                slices.getOrDefault(key, List.of()),
                endpoints.getOrDefault(key, List.of()),
                zones);
    }

    /** What a person should know of objects that belong to no Service, and of annotations that mean nothing. */
    public List<Problem> problems() {
        return problems;
    }

    private static List<Problem> problems(ClusterState state) {
        ProblemList found = new ProblemList();
        Set<ServiceKey> services = new HashSet<>();
        state.services().forEach(service -> services.add(key(service.object())));
        for (Sourced<EndpointSlice> slice : state.endpointSlices()) {
            String owner = owner(slice.object());
            String field = "metadata.labels[" + WellKnown.SERVICE_NAME + "]";
            if (owner.isEmpty()) {
                found.warning(
                        slice, field, "is missing, so the slice belongs to no Service", "set it to the Service's name");
            } else if (!services.contains(
                    new ServiceKey(slice.object().getMetadata().getNamespace(), owner))) {
                found.note(
                        slice,
                        field,
                        "no Service \"" + owner + "\" in namespace "
                                + slice.object().getMetadata().getNamespace(),
                        "add it, or mend the name");
            }
            AnnotationCheck.unknown(slice, found);
        }
        for (Sourced<Endpoints> one : state.endpoints()) {
            if (!services.contains(key(one.object()))) {
                found.note(
                        one,
                        "metadata.name",
                        "no Service of that name in namespace "
                                + one.object().getMetadata().getNamespace(),
                        "add it, or mend the name");
            }
            AnnotationCheck.unknown(one, found);
        }
        state.pods().forEach(pod -> AnnotationCheck.unknown(pod, found));
        return found.toList();
    }

    private static <T extends HasMetadata> Map<ServiceKey, List<Sourced<T>>> group(
            List<Sourced<T>> objects, Function<T, String> owner) {
        Map<ServiceKey, List<Sourced<T>>> groups = new HashMap<>();
        for (Sourced<T> object : objects) {
            ServiceKey key = new ServiceKey(object.object().getMetadata().getNamespace(), owner.apply(object.object()));
            groups.computeIfAbsent(key, unused -> new ArrayList<>()).add(object);
        }
        return groups;
    }

    private static String owner(EndpointSlice slice) {
        return OrEmpty.text(OrEmpty.map(slice.getMetadata().getLabels()).get(WellKnown.SERVICE_NAME));
    }

    private static ServiceKey key(HasMetadata object) {
        return new ServiceKey(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    private record ServiceKey(String namespace, String name) {}
}
