package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSpec;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceStatus;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Objects without what nobody reads: managed fields, versions, the kubelet's reports. What is left is equal for two
 * versions that differ in nothing that matters, and a cluster's worth of it fits into memory. Pure functions.
 */
final class Trim {

    private static final Set<String> LABELS = Set.of(
            "kubernetes.io/service-name",
            "endpointslice.kubernetes.io/managed-by",
            "service.kubernetes.io/service-proxy-name",
            "service.kubernetes.io/headless",
            "topology.kubernetes.io/zone");
    private static final String TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time";
    private static final List<String> ANNOTATIONS = List.of("podlb.io/", "service.kubernetes.io/");

    private Trim() {}

    static Service service(Service full) {
        Service trimmed = new Service();
        trimmed.setMetadata(metadata(full));
        trimmed.getMetadata().setUid(full.getMetadata().getUid()); // for Events about it
        trimmed.setSpec(full.getSpec());
        if (full.getStatus() != null && full.getStatus().getLoadBalancer() != null) {
            ServiceStatus status = new ServiceStatus();
            status.setLoadBalancer(full.getStatus().getLoadBalancer());
            trimmed.setStatus(status);
        }
        return trimmed;
    }

    static EndpointSlice slice(EndpointSlice full) {
        EndpointSlice trimmed = new EndpointSlice();
        trimmed.setMetadata(metadata(full));
        trimmed.setAddressType(shared(full.getAddressType()));
        trimmed.setPorts(full.getPorts());
        List<Endpoint> endpoints = new ArrayList<>();
        for (Endpoint endpoint : full.getEndpoints() == null ? List.<Endpoint>of() : full.getEndpoints()) {
            if (endpoint != null) {
                endpoints.add(endpoint(endpoint));
            }
        }
        trimmed.setEndpoints(endpoints);
        return trimmed;
    }

    /** Besides addresses and zone: what decides whether load balancers should use it (kube-semantics 11). */
    static Node node(Node full) {
        Node trimmed = new Node();
        ObjectMeta metadata = metadata(full);
        metadata.setDeletionTimestamp(full.getMetadata().getDeletionTimestamp());
        trimmed.setMetadata(metadata);
        if (full.getSpec() != null) {
            NodeSpec spec = new NodeSpec();
            spec.setPodCIDR(full.getSpec().getPodCIDR());
            spec.setPodCIDRs(full.getSpec().getPodCIDRs());
            spec.setTaints(full.getSpec().getTaints());
            trimmed.setSpec(spec);
        }
        if (full.getStatus() != null) {
            NodeStatus status = new NodeStatus();
            status.setAddresses(full.getStatus().getAddresses());
            trimmed.setStatus(status);
        }
        return trimmed;
    }

    private static Endpoint endpoint(Endpoint full) {
        Endpoint trimmed = new Endpoint();
        trimmed.setAddresses(full.getAddresses());
        trimmed.setConditions(full.getConditions());
        trimmed.setHints(full.getHints());
        trimmed.setNodeName(shared(full.getNodeName()));
        trimmed.setZone(shared(full.getZone()));
        if (full.getTargetRef() != null) {
            ObjectReference target = new ObjectReference();
            target.setKind(shared(full.getTargetRef().getKind()));
            target.setName(full.getTargetRef().getName());
            trimmed.setTargetRef(target);
        }
        return trimmed;
    }

    private static ObjectMeta metadata(HasMetadata full) {
        ObjectMeta trimmed = new ObjectMeta();
        trimmed.setName(full.getMetadata().getName());
        trimmed.setNamespace(shared(full.getMetadata().getNamespace()));
        trimmed.setLabels(labels(full.getMetadata().getLabels()));
        trimmed.setAnnotations(annotations(full.getMetadata().getAnnotations()));
        return trimmed;
    }

    private static Map<String, String> labels(@Nullable Map<String, String> full) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (var label : full == null ? Map.<String, String>of().entrySet() : full.entrySet()) {
            if (LABELS.contains(label.getKey())) {
                kept.put(label.getKey().intern(), label.getValue());
            }
        }
        return kept;
    }

    private static Map<String, String> annotations(@Nullable Map<String, String> full) {
        Map<String, String> kept = new LinkedHashMap<>();
        for (var annotation : full == null ? Map.<String, String>of().entrySet() : full.entrySet()) {
            String name = annotation.getKey();
            if (name.equals(TRIGGER) || ANNOTATIONS.stream().anyMatch(name::startsWith)) {
                kept.put(name.intern(), annotation.getValue());
            }
        }
        return kept;
    }

    /** One text for all endpoints of a node or zone instead of one each. */
    private static @Nullable String shared(@Nullable String text) {
        return text == null ? null : text.intern();
    }
}
