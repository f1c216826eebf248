package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.List;

/** Which Services a proxy serves at all (kube-semantics 1.1 to 1.6, 2.3, 2.4). */
record ServedCheck(TranslateOptions options) {

    /** Whether it is served; if not, or only in part, the reason is told. */
    boolean served(Sourced<Service> service, ProblemList problems) {
        ServiceSpec spec = service.object().getSpec();
        String hiddenBy =
                options.hiddenBy(OrEmpty.map(service.object().getMetadata().getLabels()));
        if (hiddenBy != null) {
            problems.note(service, "metadata.labels[" + hiddenBy + "]", hidden(hiddenBy), remedy(hiddenBy));
            return false;
        }
        if (ServiceFacts.type(spec).equals("ExternalName")) {
            problems.note(
                    service,
                    "spec.type",
                    "ExternalName is an alias in DNS for " + OrEmpty.text(spec.getExternalName())
                            + ", no proxy serves it",
                    "");
            return false;
        }
        List<String> clusterIps = ServiceFacts.clusterIps(spec);
        if (clusterIps.isEmpty() || ServiceFacts.headless(spec)) {
            problems.note(
                    service,
                    "spec.clusterIP",
                    clusterIps.isEmpty()
                            ? "the Service has no cluster IP, so nothing of it is served"
                            : "None makes the Service headless: clients find its Pods through DNS, no proxy serves it",
                    clusterIps.isEmpty() ? "give it a free address of the service range" : "");
            return false;
        }
        tellOfFamilies(service, clusterIps, problems);
        return !ServiceFacts.of(spec).familyIps().isEmpty();
    }

    private String hidden(String label) {
        if (label.equals(WellKnown.HEADLESS)) {
            return "hides the Service from proxies, so it is not served";
        }
        return options.proxyName() == null
                ? "leaves the Service to another proxy, so it is not served"
                : "is not \"" + options.proxyName() + "\", the name of this proxy, so the Service is not served";
    }

    private String remedy(String label) {
        return label.equals(WellKnown.HEADLESS) || options.proxyName() == null
                ? "remove the label if podlb is to serve it"
                : "set the label to " + options.proxyName() + " if this proxy is to serve it";
    }

    private static void tellOfFamilies(Sourced<Service> service, List<String> clusterIps, ProblemList problems) {
        List<String> families = OrEmpty.list(service.object().getSpec().getIpFamilies());
        for (int i = 0; i < clusterIps.size(); i++) {
            InetAddress address = Addresses.orNull(clusterIps.get(i));
            String family = families.isEmpty() ? null : i < families.size() ? families.get(i) : "";
            if (address == null) {
                problems.error(
                        service,
                        "spec.clusterIPs[" + i + "]",
                        "\"" + clusterIps.get(i) + "\" is no IP address, the family is not served",
                        "give an address of the service range");
            } else if (family != null && !family.equals(IpFamily.of(address).kubernetesName())) {
                problems.error(
                        service,
                        "spec.clusterIPs[" + i + "]",
                        clusterIps.get(i) + " stands where spec.ipFamilies says "
                                + (family.isEmpty() ? "nothing" : family) + ", the family is not served",
                        "list families and addresses in one order");
            }
        }
        for (int i = clusterIps.size(); i < families.size(); i++) {
            problems.note(
                    service,
                    "spec.ipFamilies[" + i + "]",
                    families.get(i) + " has no cluster IP, so nothing is served in it",
                    "add one to spec.clusterIPs");
        }
    }
}
