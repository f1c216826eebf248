package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.ClientIPConfig;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.SessionAffinityConfig;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fills in what a manifest may leave out (kube-semantics 18.1 to 18.4). */
final class Defaults {

    static final int AFFINITY_SECONDS = 10_800;

    private Defaults() {}

    /** Changes the Service, which nobody else may know yet. */
    static void apply(Service service) {
        if (service.getSpec() == null) {
            service.setSpec(new ServiceSpec());
        }
        ServiceSpec spec = service.getSpec();
        spec.setPorts(orEmpty(spec.getPorts()));
        spec.setClusterIPs(orEmpty(spec.getClusterIPs()));
        spec.setIpFamilies(orEmpty(spec.getIpFamilies()));
        spec.setExternalIPs(orEmpty(spec.getExternalIPs()));
        spec.setLoadBalancerSourceRanges(orEmpty(spec.getLoadBalancerSourceRanges()));
        spec.setType(orElse(spec.getType(), ServiceTypes.CLUSTER_IP));
        spec.getPorts().forEach(Defaults::apply);
        affinity(spec);
        policies(spec);
        if (service.getStatus() != null && service.getStatus().getLoadBalancer() != null) {
            for (LoadBalancerIngress ingress :
                    orEmpty(service.getStatus().getLoadBalancer().getIngress())) {
                if (!isBlank(ingress.getIp()) && isBlank(ingress.getIpMode())) {
                    ingress.setIpMode("VIP");
                }
            }
        }
    }

    private static void apply(ServicePort port) {
        port.setProtocol(orElse(port.getProtocol(), "TCP"));
        IntOrString target = port.getTargetPort();
        boolean unset = target == null
                || Integer.valueOf(0).equals(target.getIntVal())
                || target.getIntVal() == null && isBlank(target.getStrVal());
        if (unset && port.getPort() != null) {
            port.setTargetPort(new IntOrString(port.getPort()));
        }
    }

    /** Kube-semantics 18.1 and 18.2. */
    private static void affinity(ServiceSpec spec) {
        spec.setSessionAffinity(orElse(spec.getSessionAffinity(), ServiceTypes.NONE));
        if (!spec.getSessionAffinity().equals(ServiceTypes.CLIENT_IP)) {
            spec.setSessionAffinityConfig(null);
            return;
        }
        SessionAffinityConfig config = spec.getSessionAffinityConfig();
        ClientIPConfig clientIp = config == null ? null : config.getClientIP();
        if (clientIp == null || clientIp.getTimeoutSeconds() == null) {
            spec.setSessionAffinityConfig(new SessionAffinityConfig(new ClientIPConfig(AFFINITY_SECONDS)));
        }
    }

    /** Kube-semantics 18.3 and 18.4. */
    private static void policies(ServiceSpec spec) {
        if (ServiceTypes.isExternal(spec)) {
            spec.setExternalTrafficPolicy(orElse(spec.getExternalTrafficPolicy(), ServiceTypes.CLUSTER));
        }
        if (!ServiceTypes.isExternalName(spec)) {
            spec.setInternalTrafficPolicy(orElse(spec.getInternalTrafficPolicy(), ServiceTypes.CLUSTER));
        }
        if (ServiceTypes.isLoadBalancer(spec) && spec.getAllocateLoadBalancerNodePorts() == null) {
            spec.setAllocateLoadBalancerNodePorts(true);
        }
    }

    private static String orElse(@Nullable String value, String otherwise) {
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? new ArrayList<>() : list;
    }
}
