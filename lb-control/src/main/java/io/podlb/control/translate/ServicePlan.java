package io.podlb.control.translate;

import io.podlb.control.cluster.Problem;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one Service does on this node, and why.
 *
 * @param type {@code ClusterIP}, {@code NodePort}, {@code LoadBalancer} or {@code ExternalName}
 * @param clusterIps its cluster IPs, {@code None} for a headless one; may be empty
 * @param ports one entry per port of the Service, in its order; empty if nothing of it is served
 * @param healthCheckNodePort where balancers ask whether this node has endpoints of it; null: nowhere (kube-semantics
 *     2.14)
 * @param problems what a person should know, in a stable order
 */
public record ServicePlan(
        String namespace,
        String name,
        String type,
        List<String> clusterIps,
        List<PortPlan> ports,
        @Nullable Integer healthCheckNodePort,
        List<Problem> problems) {

    public ServicePlan {
        clusterIps = List.copyOf(clusterIps);
        ports = List.copyOf(ports);
        problems = List.copyOf(problems);
    }

    /** The plan of a Service without a health check node port. */
    public ServicePlan(
            String namespace,
            String name,
            String type,
            List<String> clusterIps,
            List<PortPlan> ports,
            List<Problem> problems) {
        this(namespace, name, type, clusterIps, ports, null, problems);
    }

    /** The same with other problems. */
    public ServicePlan withProblems(List<Problem> others) {
        return new ServicePlan(namespace, name, type, clusterIps, ports, healthCheckNodePort, others);
    }
}
