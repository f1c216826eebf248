package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHintsBuilder;
import io.podlb.control.cluster.Sourced;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which hints the ready endpoints of a Service get (kube-semantics 15). */
enum Hints {
    NONE,
    OWN_ZONE,
    OWN_NODE_AND_ZONE;

    static Hints of(Sourced<Service> service, ProblemList problems) {
        Map<String, String> annotations =
                OrEmpty.map(service.object().getMetadata().getAnnotations());
        String annotation = annotations.containsKey(WellKnown.TOPOLOGY_AWARE_HINTS)
                ? WellKnown.TOPOLOGY_AWARE_HINTS
                : WellKnown.TOPOLOGY_MODE;
        String mode = OrEmpty.text(annotations.get(annotation));
        if (mode.equals("Auto") || mode.equals("auto")) {
            problems.warning(
                    service,
                    AnnotationCheck.field(annotation),
                    mode + " asks for hints in proportion to CPUs, which are not supported; there are no hints",
                    "remove the annotation and set spec.trafficDistribution to PreferSameZone");
            return NONE;
        }
        return switch (OrEmpty.text(service.object().getSpec().getTrafficDistribution())) {
            case "PreferClose", "PreferSameZone" -> OWN_ZONE;
            case "PreferSameNode" -> OWN_NODE_AND_ZONE;
            default -> NONE;
        };
    }

    /** The hints of an endpoint there; null for none. */
    @Nullable
    EndpointHints forEndpoint(@Nullable String node, @Nullable String zone) {
        EndpointHintsBuilder hints = new EndpointHintsBuilder();
        if (this != NONE && zone != null) {
            hints.addNewForZone(zone);
        }
        if (this == OWN_NODE_AND_ZONE && node != null) {
            hints.addNewForNode(node);
        }
        return hints.hasForZones() || hints.hasForNodes() ? hints.build() : null;
    }
}
