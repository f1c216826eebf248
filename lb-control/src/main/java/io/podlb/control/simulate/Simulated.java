package io.podlb.control.simulate;

import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import java.util.List;

/**
 * A cluster with Pods that podlb plays itself.
 *
 * @param state everything that was known, and the simulated Pods as running and ready
 * @param pods what has to listen for that to be true
 * @param problems what a person should know of it
 */
public record Simulated(ClusterState state, List<SimulatedPod> pods, List<Problem> problems) {

    public Simulated {
        pods = List.copyOf(pods);
        problems = List.copyOf(problems);
    }
}
