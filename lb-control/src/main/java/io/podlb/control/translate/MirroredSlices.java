package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPortBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Slices from hand-written Endpoints, one per subset and family, as the mirroring controller makes them (1.10). */
final class MirroredSlices {

    private MirroredSlices() {}

    static boolean mirrored(Sourced<Endpoints> endpoints) {
        return !"true".equals(labels(endpoints).get(WellKnown.SKIP_MIRROR));
    }

    static List<Sourced<EndpointSlice>> of(Sourced<Service> service, Sourced<Endpoints> endpoints) {
        List<Sourced<EndpointSlice>> slices = new ArrayList<>();
        for (EndpointSubset subset : OrEmpty.list(endpoints.object().getSubsets())) {
            List<EndpointPort> ports = OrEmpty.list(subset.getPorts()).stream()
                    .map(MirroredSlices::port)
                    .toList();
            for (IpFamily family : IpFamily.values()) {
                List<Endpoint> entries = endpoints(subset, family);
                if (!entries.isEmpty()) {
                    EndpointSlice slice = EndpointSlices.labelled(
                                    service,
                                    labels(endpoints),
                                    WellKnown.MIRRORING_CONTROLLER,
                                    family,
                                    slices.size() + 1)
                            .editMetadata()
                            .withAnnotations(
                                    OrEmpty.map(endpoints.object().getMetadata().getAnnotations()))
                            .endMetadata()
                            .withPorts(ports)
                            .withEndpoints(entries)
                            .build();
                    slices.add(new Sourced<>(slice, endpoints.origin()));
                }
            }
        }
        return slices;
    }

    private static List<Endpoint> endpoints(EndpointSubset subset, IpFamily family) {
        List<Endpoint> entries = new ArrayList<>();
        for (EndpointAddress address : OrEmpty.list(subset.getAddresses())) {
            if (family(address) == family) {
                entries.add(endpoint(address, true));
            }
        }
        for (EndpointAddress address : OrEmpty.list(subset.getNotReadyAddresses())) {
            if (family(address) == family) {
                entries.add(endpoint(address, false));
            }
        }
        return entries;
    }

    /** What is no address goes with IPv4, where the reader of slices tells of it. */
    private static IpFamily family(EndpointAddress address) {
        InetAddress parsed = Addresses.orNull(address.getIp());
        return parsed == null ? IpFamily.IPV4 : IpFamily.of(parsed);
    }

    private static Endpoint endpoint(EndpointAddress address, boolean ready) {
        return new EndpointBuilder()
                .withAddresses(OrEmpty.text(address.getIp()))
                .withNewConditions()
                .withReady(ready)
                .endConditions()
                .withNodeName(address.getNodeName())
                .withTargetRef(address.getTargetRef())
                .build();
    }

    private static EndpointPort port(io.fabric8.kubernetes.api.model.EndpointPort port) {
        return new EndpointPortBuilder()
                .withName(OrEmpty.text(port.getName()))
                .withProtocol(port.getProtocol())
                .withPort(port.getPort())
                .withAppProtocol(port.getAppProtocol())
                .build();
    }

    private static Map<String, String> labels(Sourced<Endpoints> endpoints) {
        return OrEmpty.map(endpoints.object().getMetadata().getLabels());
    }
}
