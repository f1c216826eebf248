package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Spelling;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Settles in which families a Service exists (kube-semantics 18.5, 19.10, 21). The ranges of the cluster do not change
 * while podlb runs; after a restart with others there is no earlier version to keep, so a Service that prefers both
 * families gets what there is then (unlike 21.3).
 */
final class Families {

    private static final List<String> POLICIES =
            List.of(ServiceTypes.SINGLE_STACK, ServiceTypes.PREFER_DUAL_STACK, ServiceTypes.REQUIRE_DUAL_STACK);
    private static final List<String> NAMES = List.of(IpFamily.IPV4.kubernetesName(), IpFamily.IPV6.kubernetesName());

    private final ServiceSpec spec;
    private final @Nullable ServiceSpec old;
    private final AdmissionOptions options;
    private final Findings findings;

    private Families(ServiceSpec spec, @Nullable ServiceSpec old, AdmissionOptions options, Findings findings) {
        this.spec = spec;
        this.old = old;
        this.options = options;
        this.findings = findings;
    }

    /**
     * Fills in policy and families, and checks cluster IPs against them.
     *
     * @param old the version before, as admitted; null if there was none
     */
    static void settle(ServiceSpec spec, @Nullable ServiceSpec old, AdmissionOptions options, Findings findings) {
        Families families = new Families(spec, old, options, findings);
        if (ServiceTypes.isExternalName(spec)) {
            families.requireNothing();
        } else if (families.wellFormed()) {
            families.settle();
        }
    }

    /** Kube-semantics 19.8. */
    private void requireNothing() {
        String remedy = "remove it, a Service of type ExternalName has none";
        if (!isBlank(spec.getClusterIP()) || !spec.getClusterIPs().isEmpty()) {
            findings.error("spec.clusterIP", Problem.shown(spec.getClusterIP()) + " is not allowed", remedy);
        }
        if (!spec.getIpFamilies().isEmpty()) {
            findings.error("spec.ipFamilies", spec.getIpFamilies() + " is not allowed", remedy);
        }
        if (!isBlank(spec.getIpFamilyPolicy())) {
            findings.error("spec.ipFamilyPolicy", Problem.shown(spec.getIpFamilyPolicy()) + " is not allowed", remedy);
        }
    }

    private boolean wellFormed() {
        String policy = spec.getIpFamilyPolicy();
        if (!isBlank(policy) && !POLICIES.contains(policy)) {
            findings.error(
                    "spec.ipFamilyPolicy",
                    Problem.shown(policy) + " is no policy",
                    Spelling.suggestion(policy, POLICIES, "use one of " + String.join(", ", POLICIES)));
        }
        List<String> families = spec.getIpFamilies();
        for (int i = 0; i < families.size(); i++) {
            if (!NAMES.contains(families.get(i))) {
                findings.error(
                        "spec.ipFamilies[" + i + "]",
                        Problem.shown(families.get(i)) + " is no family",
                        Spelling.suggestion(families.get(i), NAMES, "use IPv4 or IPv6"));
            }
        }
        if (new HashSet<>(families).size() < families.size()) {
            findings.error("spec.ipFamilies", families + " names a family twice", "name each once");
        }
        clusterIps();
        return !findings.hasErrors();
    }

    private void clusterIps() {
        List<String> addresses = spec.getClusterIPs();
        if (!addresses.isEmpty() && !addresses.get(0).equals(spec.getClusterIP())) {
            findings.error(
                    "spec.clusterIPs[0]",
                    Problem.shown(addresses.get(0)) + " is not spec.clusterIP",
                    "give spec.clusterIP the same value");
            return;
        }
        if (ServiceTypes.isHeadless(spec)) {
            if (addresses.size() > 1) {
                findings.error("spec.clusterIPs", addresses + " has more than None", "leave None alone");
            }
            return;
        }
        List<IpFamily> seen = new ArrayList<>();
        for (int i = 0; i < addresses.size(); i++) {
            String field = addresses.size() == 1 ? "spec.clusterIP" : "spec.clusterIPs[" + i + "]";
            InetAddress address = Ip.orNull(addresses.get(i));
            if (address == null) {
                findings.error(
                        field,
                        Problem.shown(addresses.get(i)) + " is no IP address",
                        "write an address, None, or nothing for one that is free");
            } else {
                clusterIp(field, i, IpFamily.of(address), seen);
            }
        }
    }

    private void clusterIp(String field, int index, IpFamily family, List<IpFamily> seen) {
        String name = family.kubernetesName();
        List<String> families = spec.getIpFamilies();
        if (seen.contains(family)) {
            findings.error(field, "is a second " + name + " address", "give at most one of each family");
        } else if (index < families.size() && !families.get(index).equals(name)) {
            findings.error(
                    field,
                    "is " + name + " where spec.ipFamilies has " + families.get(index),
                    "give addresses in the order of spec.ipFamilies");
        } else if (options.range(family) == null) {
            findings.error(
                    field,
                    "is " + name + ", which this cluster does not have",
                    "add an " + name + " --service-cidr, or remove it");
        }
        seen.add(family);
    }

    private void settle() {
        boolean anything = ServiceTypes.isHeadless(spec) && !ServiceTypes.hasSelector(spec);
        if (isBlank(spec.getIpFamilyPolicy())) {
            spec.setIpFamilyPolicy(anything ? ServiceTypes.REQUIRE_DUAL_STACK : ServiceTypes.SINGLE_STACK);
        }
        boolean single = spec.getIpFamilyPolicy().equals(ServiceTypes.SINGLE_STACK);
        if (single) {
            trimToOne();
        }
        List<String> families = new ArrayList<>(spec.getIpFamilies());
        if (!ServiceTypes.isHeadless(spec)) {
            for (int i = families.size(); i < spec.getClusterIPs().size(); i++) {
                InetAddress address = Ip.orNull(spec.getClusterIPs().get(i));
                families.add(IpFamily.of(
                                address == null ? options.serviceCidrs().get(0).address() : address)
                        .kubernetesName());
            }
        }
        if (families.isEmpty()) {
            families.add(
                    old != null && !old.getIpFamilies().isEmpty()
                            ? old.getIpFamilies().get(0)
                            : options.defaultFamily().kubernetesName());
        }
        if (!single && families.size() == 1 && (anything || options.dualStack())) {
            families.add(families.get(0).equals(NAMES.get(0)) ? NAMES.get(1) : NAMES.get(0));
        }
        spec.setIpFamilies(families);
        if (!anything) {
            requireConfigured();
        }
        requireSamePrimary();
    }

    /** Kube-semantics 21.1: the second address goes if it is the one that was given before. */
    private void trimToOne() {
        ServiceSpec before = old;
        if (before != null && before.getIpFamilies().size() == 2) {
            if (spec.getClusterIPs().equals(before.getClusterIPs())) {
                spec.setClusterIPs(new ArrayList<>(spec.getClusterIPs().subList(0, 1)));
            }
            if (spec.getIpFamilies().equals(before.getIpFamilies())) {
                spec.setIpFamilies(new ArrayList<>(spec.getIpFamilies().subList(0, 1)));
            }
        }
        String remedy = "use RequireDualStack or PreferDualStack for two families";
        if (spec.getClusterIPs().size() > 1) {
            findings.error("spec.ipFamilyPolicy", "is SingleStack with two cluster IPs", remedy);
        } else if (spec.getIpFamilies().size() > 1) {
            findings.error("spec.ipFamilyPolicy", "is SingleStack with two families", remedy);
        }
    }

    private void requireConfigured() {
        if (spec.getIpFamilyPolicy().equals(ServiceTypes.REQUIRE_DUAL_STACK) && !options.dualStack()) {
            findings.error(
                    "spec.ipFamilyPolicy",
                    "RequireDualStack needs two families, this cluster has one",
                    "give --service-cidr twice, or use PreferDualStack");
        }
        for (int i = 0; i < spec.getIpFamilies().size(); i++) {
            String family = spec.getIpFamilies().get(i);
            if (options.range(family.equals(NAMES.get(0)) ? IpFamily.IPV4 : IpFamily.IPV6) == null) {
                findings.error(
                        "spec.ipFamilies[" + i + "]",
                        Problem.shown(family) + " is not configured in this cluster",
                        "add an " + family + " --service-cidr, or remove it");
            }
        }
    }

    /** Kube-semantics 19.10. */
    private void requireSamePrimary() {
        ServiceSpec before = old;
        if (before == null || ServiceTypes.isExternalName(before)) {
            return;
        }
        String remedy = "undo it, give the Service another name, or restart";
        if (!isBlank(spec.getClusterIP()) && !spec.getClusterIP().equals(before.getClusterIP())) {
            findings.error(
                    "spec.clusterIP",
                    Problem.shown(spec.getClusterIP()) + " would replace " + before.getClusterIP()
                            + ", and the cluster IP of a Service cannot be changed",
                    remedy);
        } else if (!spec.getIpFamilies()
                .get(0)
                .equals(
                        before.getIpFamilies().isEmpty()
                                ? spec.getIpFamilies().get(0)
                                : before.getIpFamilies().get(0))) {
            findings.error(
                    "spec.ipFamilies[0]",
                    Problem.shown(spec.getIpFamilies().get(0)) + " would replace "
                            + before.getIpFamilies().get(0) + ", and the first family of a Service cannot be changed",
                    remedy);
        }
    }
}
