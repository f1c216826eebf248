package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Problem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the next version of a Service takes over from the one before: values that the manifest leaves open stay, and
 * values that a change of type makes pointless go, if they were not changed (kube-semantics 17.6, 18.5, 20).
 *
 * <p>A fresh start would refuse pointless values, so a warning says that they should be removed from the manifest.
 */
final class CarryOver {

    private final ServiceSpec now;
    private final ServiceSpec old;
    private final Findings findings;

    private CarryOver(ServiceSpec now, ServiceSpec old, Findings findings) {
        this.now = now;
        this.old = old;
        this.findings = findings;
    }

    /**
     * Changes the new version, which has its defaults.
     *
     * @param old as it was admitted; null if there was none
     */
    static void apply(ServiceSpec now, @Nullable ServiceSpec old, Findings findings) {
        if (old != null) {
            CarryOver carryOver = new CarryOver(now, old, findings);
            carryOver.keepAddresses();
            carryOver.keepNodePorts();
            carryOver.dropAddresses();
            carryOver.dropNodePorts();
            carryOver.dropBalancerFields();
        }
        if (now.getClusterIPs().isEmpty() && !isBlank(now.getClusterIP())) {
            // Kube-semantics 18.6.
            now.setClusterIPs(new ArrayList<>(List.of(now.getClusterIP())));
        }
    }

    private void keepAddresses() {
        if (ServiceTypes.isExternalName(now) || ServiceTypes.isExternalName(old)) {
            return;
        }
        if (isBlank(now.getClusterIP()) && now.getClusterIPs().isEmpty()) {
            if (ServiceTypes.isHeadless(old)) {
                findings.warning(
                        "spec.clusterIP",
                        "stays None, for the cluster IP of a Service cannot be changed",
                        "give the Service another name, or restart, if it is to have a cluster IP");
            }
            now.setClusterIP(old.getClusterIP());
        }
        boolean partOfOld = now.getClusterIPs().isEmpty() || now.getClusterIPs().equals(firstOf(old.getClusterIPs()));
        if (partOfOld && Objects.equals(now.getClusterIP(), old.getClusterIP())) {
            now.setClusterIPs(new ArrayList<>(old.getClusterIPs()));
        }
        boolean wasOnlyDefault =
                ServiceTypes.isHeadless(old) && !ServiceTypes.hasSelector(old) && ServiceTypes.hasSelector(now);
        if (isBlank(now.getIpFamilyPolicy()) && !wasOnlyDefault) {
            now.setIpFamilyPolicy(old.getIpFamilyPolicy());
        }
    }

    private static List<String> firstOf(List<String> addresses) {
        return addresses.subList(0, Math.min(1, addresses.size()));
    }

    /** By port name; a number that the new version gives to another port is not taken. */
    private void keepNodePorts() {
        if (ServiceTypes.usesNodePorts(now) && ServiceTypes.usesNodePorts(old)) {
            Set<Integer> used = nodePorts(now);
            Map<String, Integer> byName = new HashMap<>();
            old.getPorts().forEach(port -> byName.put(nameOf(port), ServiceTypes.nodePort(port)));
            for (ServicePort port : now.getPorts()) {
                int before = byName.getOrDefault(nameOf(port), 0);
                if (ServiceTypes.nodePort(port) == 0 && before != 0 && used.add(before)) {
                    port.setNodePort(before);
                }
            }
        }
        if (ServiceTypes.needsHealthCheck(now)
                && ServiceTypes.needsHealthCheck(old)
                && ServiceTypes.healthCheckNodePort(now) == 0) {
            now.setHealthCheckNodePort(old.getHealthCheckNodePort());
        }
    }

    /** Kube-semantics 20.1. */
    private void dropAddresses() {
        if (!ServiceTypes.isExternalName(now) || ServiceTypes.isExternalName(old)) {
            return;
        }
        if (!isBlank(now.getClusterIP()) && now.getClusterIP().equals(old.getClusterIP())) {
            dropped("spec.clusterIP", now.getClusterIP());
            now.setClusterIP(null);
            now.setClusterIPs(new ArrayList<>());
        }
        if (!now.getIpFamilies().isEmpty() && old.getIpFamilies().containsAll(now.getIpFamilies())) {
            dropped("spec.ipFamilies", now.getIpFamilies());
            now.setIpFamilies(new ArrayList<>());
        }
        if (!isBlank(now.getIpFamilyPolicy()) && now.getIpFamilyPolicy().equals(old.getIpFamilyPolicy())) {
            dropped("spec.ipFamilyPolicy", now.getIpFamilyPolicy());
            now.setIpFamilyPolicy(null);
        }
    }

    /** Kube-semantics 20.2. */
    private void dropNodePorts() {
        if (ServiceTypes.usesNodePorts(now) || !nodePorts(old).containsAll(nodePorts(now))) {
            return;
        }
        for (int i = 0; i < now.getPorts().size(); i++) {
            ServicePort port = now.getPorts().get(i);
            if (ServiceTypes.nodePort(port) != 0) {
                dropped("spec.ports[" + i + "].nodePort", port.getNodePort());
                port.setNodePort(null);
            }
        }
    }

    /** Kube-semantics 20.3, and the other fields that only one type has. */
    private void dropBalancerFields() {
        int healthCheck = ServiceTypes.healthCheckNodePort(now);
        if (healthCheck != 0
                && !ServiceTypes.needsHealthCheck(now)
                && healthCheck == ServiceTypes.healthCheckNodePort(old)) {
            dropped("spec.healthCheckNodePort", healthCheck);
            now.setHealthCheckNodePort(null);
        }
        if (!ServiceTypes.isExternal(now)
                && !isBlank(now.getExternalTrafficPolicy())
                && now.getExternalTrafficPolicy().equals(old.getExternalTrafficPolicy())) {
            dropped("spec.externalTrafficPolicy", now.getExternalTrafficPolicy());
            now.setExternalTrafficPolicy(null);
        }
        if (ServiceTypes.isLoadBalancer(now) || !ServiceTypes.isLoadBalancer(old)) {
            return;
        }
        Boolean allocates = now.getAllocateLoadBalancerNodePorts();
        if (allocates != null && allocates.equals(old.getAllocateLoadBalancerNodePorts())) {
            dropped("spec.allocateLoadBalancerNodePorts", allocates);
            now.setAllocateLoadBalancerNodePorts(null);
        }
        if (!isBlank(now.getLoadBalancerClass()) && now.getLoadBalancerClass().equals(old.getLoadBalancerClass())) {
            dropped("spec.loadBalancerClass", now.getLoadBalancerClass());
            now.setLoadBalancerClass(null);
        }
    }

    private void dropped(String field, Object value) {
        findings.warning(
                field,
                Problem.shown(value) + " is dropped, for it has no meaning with type " + now.getType(),
                "remove it; a fresh start refuses it");
    }

    static Set<Integer> nodePorts(ServiceSpec spec) {
        Set<Integer> numbers = new HashSet<>();
        for (ServicePort port : spec.getPorts()) {
            if (ServiceTypes.nodePort(port) != 0) {
                numbers.add(ServiceTypes.nodePort(port));
            }
        }
        return numbers;
    }

    private static String nameOf(ServicePort port) {
        return Objects.requireNonNullElse(port.getName(), "");
    }
}
