package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The words of a Service, and what they make necessary. The spec has its defaults. */
final class ServiceTypes {

    static final String CLUSTER_IP = "ClusterIP";
    static final String NODE_PORT = "NodePort";
    static final String LOAD_BALANCER = "LoadBalancer";
    static final String EXTERNAL_NAME = "ExternalName";
    static final List<String> ALL = List.of(CLUSTER_IP, NODE_PORT, LOAD_BALANCER, EXTERNAL_NAME);

    static final String NONE = "None";
    static final String CLIENT_IP = "ClientIP";
    static final String CLUSTER = "Cluster";
    static final String LOCAL = "Local";
    static final String SINGLE_STACK = "SingleStack";
    static final String PREFER_DUAL_STACK = "PreferDualStack";
    static final String REQUIRE_DUAL_STACK = "RequireDualStack";

    private ServiceTypes() {}

    static boolean isExternalName(ServiceSpec spec) {
        return EXTERNAL_NAME.equals(spec.getType());
    }

    static boolean isLoadBalancer(ServiceSpec spec) {
        return LOAD_BALANCER.equals(spec.getType());
    }

    static boolean isHeadless(ServiceSpec spec) {
        return NONE.equals(spec.getClusterIP());
    }

    static boolean hasSelector(ServiceSpec spec) {
        return spec.getSelector() != null && !spec.getSelector().isEmpty();
    }

    /** Externally accessible by type (kube-semantics 2.11). */
    static boolean isExternal(ServiceSpec spec) {
        return usesNodePorts(spec)
                || CLUSTER_IP.equals(spec.getType()) && !spec.getExternalIPs().isEmpty();
    }

    static boolean usesNodePorts(ServiceSpec spec) {
        return NODE_PORT.equals(spec.getType()) || isLoadBalancer(spec);
    }

    /** Whether ports without a node port get one (kube-semantics 17.8). */
    static boolean allocatesNodePorts(ServiceSpec spec) {
        return NODE_PORT.equals(spec.getType())
                || isLoadBalancer(spec) && !Boolean.FALSE.equals(spec.getAllocateLoadBalancerNodePorts());
    }

    /** Whether there is a health check node port (kube-semantics 17.10). */
    static boolean needsHealthCheck(ServiceSpec spec) {
        return isLoadBalancer(spec) && LOCAL.equals(spec.getExternalTrafficPolicy());
    }

    static int nodePort(ServicePort port) {
        return number(port.getNodePort());
    }

    static int healthCheckNodePort(ServiceSpec spec) {
        return number(spec.getHealthCheckNodePort());
    }

    private static int number(@Nullable Integer value) {
        return Objects.requireNonNullElse(value, 0);
    }

    static boolean isBlank(@Nullable String text) {
        return text == null || text.isEmpty();
    }
}
