package io.podlb.control.translate;

import io.podlb.control.cluster.Problem;
import java.util.List;

/**
 * What one Service does on this node, and why.
 *
 * @param type {@code ClusterIP}, {@code NodePort}, {@code LoadBalancer} or {@code ExternalName}
 * @param clusterIps its cluster IPs, {@code None} for a headless one; may be empty
 * @param ports one entry per port of the Service, in its order; empty if nothing of it is served
 * @param problems what a person should know, in a stable order
 */
public record ServicePlan(
        String namespace,
        String name,
        String type,
        List<String> clusterIps,
        List<PortPlan> ports,
        List<Problem> problems) {

    public ServicePlan {
        clusterIps = List.copyOf(clusterIps);
        ports = List.copyOf(ports);
        problems = List.copyOf(problems);
    }
}
