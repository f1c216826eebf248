package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the controllers of a cluster do for the slices of a Service, where there is no cluster: slices from selector and
 * Pods (kube-semantics 14, 15), slices from Endpoints (1.10), and the API server's defaults for those made by hand.
 */
public final class EndpointSlices {

    private EndpointSlices() {}

    /**
     * Everything that stands behind a Service. Hand-made slices count beside those that its selector yields. A slice
     * that says that a controller made it gives way as soon as what that controller would make now is known.
     *
     * @param pods the Pods of its namespace by name
     * @param slices those that carry its name
     * @param endpoints those that have its name
     * @param zones zone by name of node; nodes without one may be missing
     */
    public static ServiceEndpoints of(
            Sourced<Service> service,
            Map<String, Sourced<Pod>> pods,
            List<Sourced<EndpointSlice>> slices,
            List<Sourced<Endpoints>> endpoints,
            Map<String, String> zones) {
        ServiceSpec spec = service.object().getSpec();
        if (ServiceFacts.type(spec).equals("ExternalName")) {
            return new ServiceEndpoints(slices, pods, List.of());
        }
        ProblemList problems = new ProblemList();
        List<Sourced<EndpointSlice>> made = new ArrayList<>();
        String supersededManager = "";
        if (!OrEmpty.map(spec.getSelector()).isEmpty()) {
            PodSlices podSlices = new PodSlices(service, zones, problems);
            List<Sourced<Pod>> selected = podSlices.select(pods);
            for (EndpointSlice slice : podSlices.of(selected)) {
                made.add(new Sourced<>(slice, service.origin()));
            }
            supersededManager = selected.isEmpty() ? "" : WellKnown.SLICE_CONTROLLER;
        } else {
            for (Sourced<Endpoints> one : endpoints) {
                if (MirroredSlices.mirrored(one)) {
                    made.addAll(MirroredSlices.of(service, one));
                    supersededManager = WellKnown.MIRRORING_CONTROLLER;
                }
            }
        }
        for (Sourced<EndpointSlice> slice : slices) {
            if (supersededManager.equals(labels(slice).get(WellKnown.MANAGED_BY))) {
                problems.note(
                        slice,
                        "metadata.labels[" + WellKnown.MANAGED_BY + "]",
                        "says that a controller made the slice, so a new one takes its place",
                        "remove the label to keep this one");
            } else {
                made.add(new Sourced<>(withDefaults(slice.object()), slice.origin()));
            }
        }
        if (made.isEmpty()) {
            problems.warning(
                    service,
                    "spec.selector",
                    "is empty, and no EndpointSlice carries the name of the Service, so it has no endpoint",
                    "add a selector, or an EndpointSlice with the label " + WellKnown.SERVICE_NAME + ": "
                            + service.object().getMetadata().getName());
        }
        return new ServiceEndpoints(made, pods, problems.toList());
    }

    /** A slice with the labels that its controller would give it (kube-semantics 14.14). */
    static EndpointSliceBuilder labelled(
            Sourced<Service> service, Map<String, String> copied, String manager, IpFamily family, int number) {
        String name = service.object().getMetadata().getName();
        Map<String, String> labels = new TreeMap<>(copied);
        labels.remove(WellKnown.HEADLESS);
        labels.put(WellKnown.SERVICE_NAME, name);
        labels.put(WellKnown.MANAGED_BY, manager);
        if (ServiceFacts.headless(service.object().getSpec())) {
            labels.put(WellKnown.HEADLESS, "");
        }
        String familyName = family.kubernetesName();
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace(service.object().getMetadata().getNamespace())
                .withName(name + "-" + familyName.toLowerCase(Locale.ROOT) + "-" + number)
                .withLabels(labels)
                .endMetadata()
                .withAddressType(familyName);
    }

    /** The API server names a port "" that has no name, and takes TCP for its protocol. */
    private static EndpointSlice withDefaults(EndpointSlice slice) {
        boolean complete = OrEmpty.list(slice.getPorts()).stream().allMatch(port -> port.getName() != null);
        if (complete) {
            return slice;
        }
        return new EndpointSliceBuilder(slice)
                .withPorts(OrEmpty.list(slice.getPorts()).stream()
                        .map(port -> port.toBuilder()
                                .withName(OrEmpty.text(port.getName()))
                                .build())
                        .toList())
                .build();
    }

    private static Map<String, String> labels(Sourced<EndpointSlice> slice) {
        return OrEmpty.map(slice.object().getMetadata().getLabels());
    }
}
