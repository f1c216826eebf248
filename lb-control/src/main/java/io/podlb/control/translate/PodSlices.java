package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.ObjectReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Slices from a selector and Pods, as the EndpointSlice controller makes them (kube-semantics 14, 15): one per family
 * and resolved set of ports. They are not cut at 100 endpoints, for boundaries carry no meaning (3.2). Confined to one
 * translation.
 */
final class PodSlices {

    private final Sourced<Service> service;
    private final ServiceSpec spec;
    private final Map<String, String> zones;
    private final Hints hints;
    private final ProblemList problems;

    PodSlices(Sourced<Service> service, Map<String, String> zones, ProblemList problems) {
        this.service = service;
        this.spec = service.object().getSpec();
        this.zones = zones;
        this.hints = Hints.of(service, problems);
        this.problems = problems;
    }

    /** The Pods that count, in the order of their names (14.2, 14.3); tells if there are none. */
    List<Sourced<Pod>> select(Map<String, Sourced<Pod>> pods) {
        Map<String, String> selector = OrEmpty.map(spec.getSelector());
        Map<String, Sourced<Pod>> selected = new TreeMap<>();
        boolean finished = false;
        for (Map.Entry<String, Sourced<Pod>> entry : pods.entrySet()) {
            Pod pod = entry.getValue().object();
            if (PodFacts.matches(pod, selector)) {
                if (PodFacts.finished(pod)) {
                    finished = true;
                } else {
                    selected.put(entry.getKey(), entry.getValue());
                }
            }
        }
        if (selected.isEmpty()) {
            String text = new TreeMap<>(selector).toString();
            problems.warning(
                    service,
                    "spec.selector",
                    text + " matches " + (finished ? "only Pods that have ended" : "no Pod") + " in namespace "
                            + service.object().getMetadata().getNamespace(),
                    "add a Pod with these labels, or start with --simulate-pods if a Deployment or the like has them");
        }
        return List.copyOf(selected.values());
    }

    /** The slices of the selected Pods; one without endpoints per family that has none (14.15). */
    List<EndpointSlice> of(List<Sourced<Pod>> selected) {
        PodAdvice advice = new PodAdvice(service, selected, problems);
        advice.onAddresses();
        advice.onTargetPorts();
        List<EndpointSlice> slices = new ArrayList<>();
        for (IpFamily family : ServiceFacts.endpointFamilies(spec)) {
            Map<List<EndpointPort>, List<Endpoint>> groups = new LinkedHashMap<>();
            for (Sourced<Pod> pod : selected) {
                List<String> addresses = PodFacts.addresses(pod, family, problems);
                if (!addresses.isEmpty()) {
                    groups.computeIfAbsent(ports(pod.object()), ports -> new ArrayList<>())
                            .add(endpoint(pod.object(), addresses));
                }
            }
            if (groups.isEmpty()) {
                groups.put(List.of(), List.of());
            }
            groups.forEach((ports, endpoints) -> slices.add(EndpointSlices.labelled(
                            service,
                            OrEmpty.map(service.object().getMetadata().getLabels()),
                            WellKnown.SLICE_CONTROLLER,
                            family,
                            slices.size() + 1)
                    .withPorts(ports)
                    .withEndpoints(endpoints)
                    .build()));
        }
        return slices;
    }

    /** The ports that resolve for the Pod; one that does not is left out, the others stay (14.8, 14.10). */
    private List<EndpointPort> ports(Pod pod) {
        List<EndpointPort> ports = new ArrayList<>();
        for (ServicePort port : OrEmpty.list(spec.getPorts())) {
            Protocol protocol = PortReading.protocol(port.getProtocol());
            String name = PortReading.targetName(port);
            Integer number = name == null
                    ? Integer.valueOf(PortReading.targetNumber(port))
                    : protocol == null ? null : PodFacts.namedPort(pod, name, protocol);
            if (protocol != null && number != null) {
                ports.add(new EndpointPortBuilder()
                        .withName(OrEmpty.text(port.getName()))
                        .withProtocol(protocol.name())
                        .withPort(number)
                        .withAppProtocol(port.getAppProtocol())
                        .build());
            }
        }
        return ports;
    }

    private Endpoint endpoint(Pod pod, List<String> addresses) {
        boolean serving = PodFacts.ready(pod);
        boolean terminating = PodFacts.terminating(pod);
        boolean ready = OrEmpty.isTrue(spec.getPublishNotReadyAddresses()) || serving && !terminating;
        String node = PodFacts.node(pod);
        String zone = node == null ? null : zones.get(node);
        EndpointHints given = ready ? hints.forEndpoint(node, zone) : null;
        return new EndpointBuilder()
                .withAddresses(addresses)
                .withNewConditions()
                .withReady(ready)
                .withServing(serving)
                .withTerminating(terminating)
                .endConditions()
                .withNodeName(node)
                .withZone(zone)
                .withHints(given)
                .withTargetRef(new ObjectReferenceBuilder()
                        .withKind("Pod")
                        .withNamespace(pod.getMetadata().getNamespace())
                        .withName(pod.getMetadata().getName())
                        .withUid(pod.getMetadata().getUid())
                        .build())
                .build();
    }
}
