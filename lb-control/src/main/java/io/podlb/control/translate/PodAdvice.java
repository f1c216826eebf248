package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.podlb.control.cluster.Annotations;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Tells why Pods that a selector matches are no endpoints all the same. Confined to one translation. */
final class PodAdvice {

    private final Sourced<Service> service;
    private final List<Sourced<Pod>> pods;
    private final ProblemList problems;

    PodAdvice(Sourced<Service> service, List<Sourced<Pod>> pods, ProblemList problems) {
        this.service = service;
        this.pods = pods;
        this.problems = problems;
    }

    void onAddresses() {
        List<Sourced<Pod>> without =
                pods.stream().filter(pod -> PodFacts.addresses(pod).isEmpty()).toList();
        if (!without.isEmpty()) {
            problems.warning(
                    service,
                    "spec.selector",
                    "matches Pods without an address, which are no endpoints: " + names(without),
                    "set status.podIP or the annotation " + Annotations.POD_IP + ", or start with --simulate-pods");
        } else if (!pods.isEmpty()) {
            for (IpFamily family :
                    ServiceFacts.endpointFamilies(service.object().getSpec())) {
                if (pods.stream()
                        .allMatch(
                                pod -> PodFacts.addresses(pod, family, problems).isEmpty())) {
                    problems.note(
                            service,
                            "spec.ipFamilies",
                            "no Pod has an " + family.kubernetesName() + " address, so that family has no endpoint",
                            "add one to status.podIPs");
                }
            }
        }
    }

    void onTargetPorts() {
        List<ServicePort> ports = OrEmpty.list(service.object().getSpec().getPorts());
        for (int i = 0; i < ports.size(); i++) {
            String name = PortReading.targetName(ports.get(i));
            Protocol protocol = PortReading.protocol(ports.get(i).getProtocol());
            if (name != null && protocol != null) {
                onTargetPort("spec.ports[" + i + "].targetPort", name, protocol);
            }
        }
    }

    private void onTargetPort(String field, String name, Protocol protocol) {
        List<Sourced<Pod>> without = new ArrayList<>();
        TreeSet<String> offered = new TreeSet<>();
        for (Sourced<Pod> pod : pods) {
            if (PodFacts.namedPort(pod.object(), name, protocol) == null) {
                without.add(pod);
                PodFacts.portNames(pod.object()).forEach(offered::add);
            }
        }
        if (!without.isEmpty()) {
            problems.warning(
                    service,
                    field,
                    "no container port named \"" + name + "\"/" + protocol + " in " + names(without) + ", "
                            + (without.size() == 1 ? "which is no endpoint" : "which are no endpoints")
                            + " of the port",
                    offered.isEmpty()
                            ? "name the port in the Pods or give a number"
                            : "the Pods have " + String.join(", ", offered) + "; use one of them or give a number");
        }
    }

    /** The first few. */
    private static String names(List<Sourced<Pod>> pods) {
        String first = String.join(
                ", ",
                pods.stream()
                        .limit(3)
                        .map(pod -> pod.object().getMetadata().getName())
                        .toList());
        return pods.size() > 3 ? first + " and " + (pods.size() - 3) + " more" : first;
    }
}
