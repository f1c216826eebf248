package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Problem.Severity;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts the files together: one object per kind, namespace and name, the first that was read. */
final class Gathered {

    private final List<Sourced<Service>> services = new ArrayList<>();
    private final List<Sourced<Pod>> pods = new ArrayList<>();
    private final List<Sourced<EndpointSlice>> endpointSlices = new ArrayList<>();
    private final List<Sourced<Endpoints>> endpoints = new ArrayList<>();
    private final List<Sourced<Node>> nodes = new ArrayList<>();
    private final List<Sourced<HasMetadata>> workloads = new ArrayList<>();
    private final Map<String, Origin> seen = new HashMap<>();
    private final Map<String, List<Origin>> ignored = new LinkedHashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    void add(FileObjects file) {
        for (Sourced<HasMetadata> object : file.objects()) {
            Origin first = seen.putIfAbsent(object.title(), object.origin());
            if (first == null) {
                put(object.object(), object.origin());
            } else {
                problem(object, "is already defined in " + first);
            }
        }
        for (FileObjects.Ignored object : file.ignored()) {
            ignored.computeIfAbsent(object.kind(), kind -> new ArrayList<>(1)).add(object.origin());
        }
        problems.addAll(file.problems());
    }

    void add(Problem problem) {
        problems.add(problem);
    }

    /** Whether there is nothing at all to work with. */
    boolean isEmpty() {
        return seen.isEmpty();
    }

    boolean hasErrors() {
        return problems.stream().anyMatch(problem -> problem.severity() == Severity.ERROR);
    }

    Loaded loaded() {
        List<Problem> all = new ArrayList<>(problems);
        ignored.forEach((kind, origins) -> all.add(new Problem(
                Severity.NOTE,
                origins.get(0),
                null,
                null,
                kind + " is ignored" + (origins.size() == 1 ? "" : " (" + origins.size() + " objects)"),
                KnownKind.isOtherWorkload(kind)
                        ? "give its Pods, or an EndpointSlice, if they are to be served"
                        : "")));
        return new Loaded(new ClusterState(services, pods, endpointSlices, endpoints, nodes, workloads), all);
    }

    private void put(HasMetadata object, Origin origin) {
        if (object instanceof Service service) {
            services.add(new Sourced<>(service, origin));
        } else if (object instanceof Pod pod) {
            pods.add(new Sourced<>(pod, origin));
        } else if (object instanceof EndpointSlice slice) {
            endpointSlices.add(new Sourced<>(slice, origin));
        } else if (object instanceof Endpoints addresses) {
            endpoints.add(new Sourced<>(addresses, origin));
        } else if (object instanceof Node node) {
            nodes.add(new Sourced<>(node, origin));
        } else if (!(object instanceof Namespace)) {
            workloads.add(new Sourced<>(object, origin));
        }
    }

    private void problem(Sourced<HasMetadata> object, String message) {
        problems.add(new Problem(
                Severity.ERROR,
                object.origin(),
                object.title(),
                null,
                message,
                "remove one of them or give it another name"));
    }
}
