package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.List;
import java.util.Map;

/**
 * What stands behind one Service. {@link EndpointSlices} makes it from manifests; a cluster has the slices ready.
 *
 * @param slices the slices that carry its name, in any order; others are ignored (kube-semantics 1.7, 1.8)
 * @param pods the Pods of its namespace by name, for their weights; may be empty. Not copied, for it may be large and
 *     shared: it must not change
 * @param problems what a person should know of how the slices came about
 */
public record ServiceEndpoints(
        List<Sourced<EndpointSlice>> slices, Map<String, Sourced<Pod>> pods, List<Problem> problems) {

    public ServiceEndpoints {
        slices = List.copyOf(slices);
        problems = List.copyOf(problems);
    }
}
