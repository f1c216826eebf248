package io.podlb.kit;

import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Sourced;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Objects of several manifests as those of one cluster. Pure. */
final class Merge {

    private Merge() {}

    /**
     * Those of both.
     *
     * @throws IllegalArgumentException if both have an object of one kind and name
     */
    static ClusterState of(ClusterState one, ClusterState other) {
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
