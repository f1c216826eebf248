package io.podlb.control.health;

import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What balancers are told of a Service.
 *
 * @param port where they ask
 * @param localEndpoints how many Pods of this node are ready for it (kube-semantics 11.3)
 */
record ServiceHealth(ServiceKey service, int port, int localEndpoints) {

    /** By its plan; null if nobody asks (kube-semantics 2.14). */
    static @Nullable ServiceHealth of(@Nullable ServicePlan plan) {
        if (plan == null || plan.healthCheckNodePort() == null) {
            return null;
        }
        return new ServiceHealth(
                new ServiceKey(plan.namespace(), plan.name()), plan.healthCheckNodePort(), localEndpoints(plan));
    }

    /** Each family is counted by itself, as by kube-proxy: the two addresses of a dual-stack Pod are one endpoint. */
    private static int localEndpoints(ServicePlan plan) {
        Map<IpFamily, Set<InetAddress>> addresses = new EnumMap<>(IpFamily.class);
        for (PortPlan port : plan.ports()) {
            for (FamilyPlan family : port.families()) {
                for (EndpointPlan endpoint : family.endpoints()) {
                    if (endpoint.local() && endpoint.ready() && !endpoint.terminating()) {
                        addresses
                                .computeIfAbsent(family.name().family(), any -> new HashSet<>())
                                .add(endpoint.address().address());
                    }
                }
            }
        }
        return addresses.values().stream().mapToInt(Set::size).max().orElse(0);
    }
}
