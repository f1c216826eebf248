package io.podlb.kit;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.source.Loaded;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The objects of several manifests and of code as those of one cluster. Pure. */
final class Declared {

    private Declared() {}

    /**
     * All that a lab is to have.
     *
     * @throws IllegalArgumentException if an object is there twice
     */
    static Loaded of(LabBuilder builder) {
        ClusterState all = ClusterState.EMPTY;
        List<Problem> problems = new ArrayList<>();
        for (Loaded loaded : builder.objects()) {
            all = both(all, loaded.state());
            problems.addAll(loaded.problems());
        }
        List<Sourced<Service>> services = new ArrayList<>();
        List<Sourced<HasMetadata>> workloads = new ArrayList<>();
        for (KitService service : builder.services()) {
            Origin origin = new Origin("KitService " + service.key(), 0);
            services.add(new Sourced<>(service.service(), origin));
            workloads.add(new Sourced<>(service.deployment(), origin));
        }
        return new Loaded(
                both(all, new ClusterState(services, List.of(), List.of(), List.of(), List.of(), workloads)), problems);
    }

    private static ClusterState both(ClusterState one, ClusterState other) {
        return new ClusterState(
                both(one.services(), other.services()),
                both(one.pods(), other.pods()),
                both(one.endpointSlices(), other.endpointSlices()),
                both(one.endpoints(), other.endpoints()),
                both(one.nodes(), other.nodes()),
                both(one.workloads(), other.workloads()));
    }

    private static <T extends Sourced<?>> List<T> both(List<T> one, List<T> other) {
        Map<String, T> known = new HashMap<>();
        one.forEach(object -> known.put(object.title(), object));
        for (T object : other) {
            T twin = known.get(object.title());
            if (twin != null) {
                throw new IllegalArgumentException(object.origin() + ": " + object.title() + " is in " + twin.origin()
                        + " too; a lab has each object once");
            }
        }
        return Stream.concat(one.stream(), other.stream()).toList();
    }
}
