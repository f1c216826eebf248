package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the spec of a Service means for a proxy, all defaults applied.
 *
 * @param clusterIps as spelled, {@code None} for a headless one
 * @param familyIps the cluster IP of each family in which the Service exists, the primary family first (kube-semantics
 *     2.3, 2.4)
 * @param internalLocal whether its cluster IP offers endpoints of this node alone
 * @param externalLocal whether its external addresses do (kube-semantics 2.11)
 */
record ServiceFacts(
        String type,
        List<String> clusterIps,
        Map<IpFamily, InetAddress> familyIps,
        boolean internalLocal,
        boolean externalLocal) {

    private static final String CLUSTER_IP = "ClusterIP";

    ServiceFacts {
        familyIps = Collections.unmodifiableMap(new LinkedHashMap<>(familyIps));
    }

    static ServiceFacts of(ServiceSpec spec) {
        List<String> clusterIps = clusterIps(spec);
        boolean externalLocal = externallyAccessible(spec) && WellKnown.LOCAL.equals(spec.getExternalTrafficPolicy());
        boolean internalLocal = WellKnown.LOCAL.equals(spec.getInternalTrafficPolicy());
        return new ServiceFacts(type(spec), clusterIps, familyIps(spec, clusterIps), internalLocal, externalLocal);
    }

    static String type(ServiceSpec spec) {
        String type = OrEmpty.orNull(spec.getType());
        return type == null ? CLUSTER_IP : type;
    }

    /** Cluster IPs of either spelling; {@code clusterIP} counts where {@code clusterIPs} is empty (kube-semantics 18.6). */
    static List<String> clusterIps(ServiceSpec spec) {
        List<String> many = OrEmpty.list(spec.getClusterIPs());
        if (!many.isEmpty()) {
            return many;
        }
        String one = OrEmpty.orNull(spec.getClusterIP());
        return one == null ? List.of() : List.of(one);
    }

    /** Where balancers ask for local endpoints; null where they do not (kube-semantics 2.14). */
    static @Nullable Integer healthCheckNodePort(ServiceSpec spec) {
        Integer port = spec.getHealthCheckNodePort();
        return port != null
                        && PortReading.isPort(port)
                        && type(spec).equals("LoadBalancer")
                        && WellKnown.LOCAL.equals(spec.getExternalTrafficPolicy())
                ? port
                : null;
    }

    static boolean headless(ServiceSpec spec) {
        return clusterIps(spec).contains(WellKnown.NONE);
    }

    /**
     * The families in which endpoints of the Service are looked for, the primary one first: those that it names, or
     * those of its cluster IPs, or both for a headless one that names none (kube-semantics 14.6).
     */
    static List<IpFamily> endpointFamilies(ServiceSpec spec) {
        List<IpFamily> named = new ArrayList<>();
        for (String name : OrEmpty.list(spec.getIpFamilies())) {
            IpFamily family = family(name);
            if (family != null && !named.contains(family)) {
                named.add(family);
            }
        }
        if (!named.isEmpty()) {
            return named;
        }
        List<IpFamily> implied = List.copyOf(familyIps(spec, clusterIps(spec)).keySet());
        return implied.isEmpty() ? List.of(IpFamily.values()) : implied;
    }

    static @Nullable IpFamily family(@Nullable String kubernetesName) {
        for (IpFamily family : IpFamily.values()) {
            if (family.kubernetesName().equals(kubernetesName)) {
                return family;
            }
        }
        return null;
    }

    private static boolean externallyAccessible(ServiceSpec spec) {
        return switch (type(spec)) {
            case "LoadBalancer", "NodePort" -> true;
            case CLUSTER_IP -> !OrEmpty.list(spec.getExternalIPs()).isEmpty();
            default -> false;
        };
    }

    /** An address at a place where {@code ipFamilies} names the other family, or none, is no address of the Service. */
    private static Map<IpFamily, InetAddress> familyIps(ServiceSpec spec, List<String> clusterIps) {
        List<String> families = OrEmpty.list(spec.getIpFamilies());
        Map<IpFamily, InetAddress> found = new LinkedHashMap<>();
        for (int i = 0; i < clusterIps.size(); i++) {
            InetAddress address = Addresses.orNull(clusterIps.get(i));
            if (address != null) {
                IpFamily family = IpFamily.of(address);
                boolean named = families.isEmpty()
                        || i < families.size() && family.kubernetesName().equals(families.get(i));
                if (named) {
                    found.putIfAbsent(family, address);
                }
            }
        }
        return found;
    }
}
