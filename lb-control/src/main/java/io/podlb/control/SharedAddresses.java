package io.podlb.control;

import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * External IPs and VIPs that more than one Service claims at one port. Kubernetes lets them; the data plane gives the
 * address to the first by namespace and name. Pure.
 */
final class SharedAddresses {

    private SharedAddresses() {}

    /** A problem of each Service that does not get its address, once for each address and port. */
    static void tell(
            Collection<ServicePlan> services, Map<String, ? extends @Nullable Origin> origins, List<Problem> problems) {
        Map<String, String> owners = new HashMap<>(); // by protocol and address
        services.stream()
                .sorted(Comparator.comparing(ServicePlan::namespace).thenComparing(ServicePlan::name))
                .forEach(service -> {
                    String title = "Service " + service.namespace() + "/" + service.name();
                    claims(service).forEach((claim, field) -> {
                        String owner = owners.putIfAbsent(claim, title);
                        if (owner != null) {
                            problems.add(new Problem(
                                    Problem.Severity.ERROR,
                                    origins.get(title),
                                    title,
                                    field,
                                    claim + " belongs to " + owner + ", this one is not served there",
                                    "give one of the two another address or port"));
                        }
                    });
                });
    }

    /** What a Service claims, and by which of its fields. */
    private static Map<String, String> claims(ServicePlan service) {
        Map<String, String> claims = new TreeMap<>();
        for (PortPlan port : service.ports()) {
            for (FamilyPlan family : port.families()) {
                for (FrontendPlan frontend : family.frontends()) {
                    String field = field(frontend.kind());
                    if (field != null && frontend.address() != null) {
                        claims.put(
                                new SocketAddressSpec(frontend.address(), frontend.port()) + "/"
                                        + family.name().protocol(),
                                field);
                    }
                }
            }
        }
        return claims;
    }

    private static @Nullable String field(FrontendKind kind) {
        return switch (kind) {
            case EXTERNAL_IP -> "spec.externalIPs";
            case LOAD_BALANCER -> "status.loadBalancer.ingress";
            case CLUSTER_IP, NODE_PORT -> null; // no two Services are given the same
        };
    }
}
