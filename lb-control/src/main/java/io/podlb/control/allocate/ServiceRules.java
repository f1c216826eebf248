package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Spelling;
import io.podlb.server.service.Cidr;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a Service must be, ports and families aside (kube-semantics 19). */
final class ServiceRules {

    private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?");
    private static final Pattern DNS_NAME =
            Pattern.compile("(?=.{1,254}$)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\\.?");
    private static final List<String> POLICIES = List.of(ServiceTypes.CLUSTER, ServiceTypes.LOCAL);
    private static final List<String> AFFINITIES = List.of(ServiceTypes.NONE, ServiceTypes.CLIENT_IP);
    private static final List<String> DISTRIBUTIONS = List.of("PreferClose", "PreferSameZone", "PreferSameNode");
    private static final List<String> IP_MODES = List.of("VIP", "Proxy");
    private static final String TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
    private static final String TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
    private static final int MAX_AFFINITY_SECONDS = 86_400;

    private final Service service;
    private final ServiceSpec spec;
    private final Findings findings;

    private ServiceRules(Service service, Findings findings) {
        this.service = service;
        this.spec = service.getSpec();
        this.findings = findings;
    }

    /**
     * Checks a Service that has its defaults.
     *
     * @param old the version before, as admitted; null if there was none
     */
    static void check(Service service, @Nullable ServiceSpec old, Findings findings) {
        ServiceRules rules = new ServiceRules(service, findings);
        rules.name();
        rules.type();
        rules.policies();
        rules.affinity();
        rules.externalIps();
        rules.balancer(old);
        rules.ingress();
        rules.topologyAnnotations();
    }

    /** Kube-semantics 19.1. */
    private void name() {
        String name = service.getMetadata().getName();
        if (!DNS_LABEL.matcher(name).matches()) {
            findings.error(
                    "metadata.name",
                    Problem.shown(name) + " is no name of a Service",
                    "use at most 63 of a-z, 0-9 and '-', no '-' at either end");
        } else if (Character.isDigit(name.charAt(0))) {
            findings.warning(
                    "metadata.name",
                    Problem.shown(name) + " begins with a digit, which Kubernetes before 1.37 refuses",
                    "begin it with a letter");
        }
    }

    /** Kube-semantics 19.3 and 19.8. */
    private void type() {
        oneOf("spec.type", spec.getType(), ServiceTypes.ALL);
        if (ServiceTypes.isHeadless(spec) && ServiceTypes.usesNodePorts(spec)) {
            findings.error(
                    "spec.clusterIP",
                    "None is not allowed with type " + spec.getType(),
                    "remove it, or use type ClusterIP");
        }
        if (ServiceTypes.isExternalName(spec)
                && (isBlank(spec.getExternalName())
                        || !DNS_NAME.matcher(spec.getExternalName()).matches())) {
            findings.error(
                    "spec.externalName",
                    isBlank(spec.getExternalName())
                            ? "is missing"
                            : Problem.shown(spec.getExternalName()) + " is no DNS name",
                    "write the DNS name that the Service stands for, in lower case");
        }
    }

    /** Kube-semantics 19.4 and 19.5. */
    private void policies() {
        String external = spec.getExternalTrafficPolicy();
        if (!isBlank(external)) {
            if (ServiceTypes.isExternal(spec)) {
                oneOf("spec.externalTrafficPolicy", external, POLICIES);
            } else {
                findings.error(
                        "spec.externalTrafficPolicy",
                        Problem.shown(external) + " is not allowed",
                        "it needs type NodePort, LoadBalancer, or externalIPs; remove it otherwise");
            }
        }
        if (!isBlank(spec.getInternalTrafficPolicy())) {
            oneOf("spec.internalTrafficPolicy", spec.getInternalTrafficPolicy(), POLICIES);
        }
        if (!isBlank(spec.getTrafficDistribution())) {
            oneOf("spec.trafficDistribution", spec.getTrafficDistribution(), DISTRIBUTIONS);
        }
    }

    /** Kube-semantics 19.6. */
    private void affinity() {
        oneOf("spec.sessionAffinity", spec.getSessionAffinity(), AFFINITIES);
        if (spec.getSessionAffinityConfig() != null
                && spec.getSessionAffinityConfig().getClientIP() != null) {
            int seconds = spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds();
            if (seconds < 1 || seconds > MAX_AFFINITY_SECONDS) {
                findings.error(
                        "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
                        seconds + " is out of range",
                        "use 1 to " + MAX_AFFINITY_SECONDS);
            }
        }
    }

    /** Kube-semantics 19.7. */
    private void externalIps() {
        for (int i = 0; i < spec.getExternalIPs().size(); i++) {
            String text = spec.getExternalIPs().get(i);
            InetAddress address = Ip.orNull(text);
            String reason = address == null ? "is no IP address" : notExternal(address);
            if (reason != null) {
                findings.error(
                        "spec.externalIPs[" + i + "]",
                        Problem.shown(text) + " " + reason,
                        "give an address that clients outside can reach");
            }
        }
    }

    /** Loopback, which an API server refuses, is let through: a lab may have no other addresses. */
    private static @Nullable String notExternal(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return "is the unspecified address";
        }
        return address.isLinkLocalAddress() || address.isMCLinkLocal() ? "is a link-local address" : null;
    }

    /** Kube-semantics 19.7. */
    private void balancer(@Nullable ServiceSpec old) {
        boolean balancer = ServiceTypes.isLoadBalancer(spec);
        List<String> ranges = spec.getLoadBalancerSourceRanges();
        for (int i = 0; i < ranges.size() && balancer; i++) {
            try {
                Cidr.parse(ranges.get(i));
            } catch (IllegalArgumentException e) {
                findings.error(
                        "spec.loadBalancerSourceRanges[" + i + "]",
                        String.valueOf(e.getMessage()),
                        "write a CIDR like 10.0.0.0/8");
            }
        }
        if (!balancer) {
            onlyForBalancers("spec.loadBalancerSourceRanges", ranges.isEmpty() ? null : ranges);
            onlyForBalancers("spec.loadBalancerClass", spec.getLoadBalancerClass());
            onlyForBalancers("spec.allocateLoadBalancerNodePorts", spec.getAllocateLoadBalancerNodePorts());
        } else if (old != null
                && ServiceTypes.isLoadBalancer(old)
                && !String.valueOf(old.getLoadBalancerClass()).equals(String.valueOf(spec.getLoadBalancerClass()))) {
            findings.error(
                    "spec.loadBalancerClass",
                    Problem.shown(spec.getLoadBalancerClass()) + " would replace " + old.getLoadBalancerClass()
                            + ", and the class of a load balancer cannot be changed",
                    "undo it, give the Service another name, or restart");
        }
    }

    private void onlyForBalancers(String field, @Nullable Object value) {
        if (value != null && !value.equals("")) {
            findings.error(
                    field,
                    Problem.shown(value) + " is not allowed with type " + spec.getType(),
                    "use type LoadBalancer, or remove it");
        }
    }

    /** Kube-semantics 19.11. */
    private void ingress() {
        if (service.getStatus() == null || service.getStatus().getLoadBalancer() == null) {
            return;
        }
        List<LoadBalancerIngress> entries =
                service.getStatus().getLoadBalancer().getIngress();
        for (int i = 0; entries != null && i < entries.size(); i++) {
            LoadBalancerIngress entry = entries.get(i);
            String path = "status.loadBalancer.ingress[" + i + "]";
            if (!isBlank(entry.getIp()) && Ip.orNull(entry.getIp()) == null) {
                findings.error(path + ".ip", Problem.shown(entry.getIp()) + " is no IP address", "write an address");
            }
            if (!isBlank(entry.getIpMode())) {
                oneOf(path + ".ipMode", entry.getIpMode(), IP_MODES);
                if (isBlank(entry.getIp())) {
                    findings.error(path + ".ipMode", "is there without an ip", "add the ip or remove it");
                }
            }
        }
    }

    /** Kube-semantics 19.9. */
    private void topologyAnnotations() {
        Map<String, String> annotations = service.getMetadata().getAnnotations();
        if (annotations != null && annotations.keySet().containsAll(Set.of(TOPOLOGY_MODE, TOPOLOGY_HINTS))) {
            String mode = annotations.get(TOPOLOGY_MODE);
            String hints = annotations.get(TOPOLOGY_HINTS);
            if (!String.valueOf(mode).equals(hints)) {
                findings.error(
                        "metadata.annotations[" + TOPOLOGY_MODE + "]",
                        Problem.shown(mode) + " is not what " + TOPOLOGY_HINTS + " says (" + Problem.shown(hints) + ")",
                        "remove the latter");
            }
        }
    }

    private void oneOf(String field, String value, List<String> known) {
        if (!known.contains(value)) {
            findings.error(
                    field,
                    Problem.shown(value) + " is none of " + String.join(", ", known),
                    Spelling.suggestion(value, known, "use one of them"));
        }
    }
}
