package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointConditions;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.ForNode;
import io.fabric8.kubernetes.api.model.discovery.v1.ForZone;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads slices (kube-semantics 3) and tells what in them cannot be used. Confined to one translation. */
final class SliceReader {

    private final Map<String, Sourced<Pod>> pods;
    private final NodeFacts node;
    private final boolean allowLoopback;
    private final ProblemList problems;

    SliceReader(Map<String, Sourced<Pod>> pods, NodeFacts node, boolean allowLoopback, ProblemList problems) {
        this.pods = pods;
        this.node = node;
        this.allowLoopback = allowLoopback;
        this.problems = problems;
    }

    /** What counts of the slice; null if it is of no IP family (kube-semantics 1.9). */
    @Nullable
    ReadSlice read(Sourced<EndpointSlice> slice) {
        EndpointSlice object = slice.object();
        IpFamily family = ServiceFacts.family(object.getAddressType());
        if (family == null) {
            problems.warning(
                    slice,
                    "addressType",
                    "\"" + OrEmpty.text(object.getAddressType()) + "\" is never served",
                    "use IPv4 or IPv6 with IP addresses");
            return null;
        }
        Integer weight = AnnotationCheck.weight(slice, problems);
        List<SliceEndpoint> endpoints = new ArrayList<>();
        List<Endpoint> entries = OrEmpty.list(object.getEndpoints());
        for (int i = 0; i < entries.size(); i++) {
            InetAddress address = address(slice, i, entries.get(i), family);
            if (address != null) {
                endpoints.add(endpoint(entries.get(i), address, weight == null ? 1 : weight));
            }
        }
        String manager = OrEmpty.map(object.getMetadata().getLabels()).get(WellKnown.MANAGED_BY);
        return new ReadSlice(family, ports(slice), endpoints, WellKnown.SLICE_CONTROLLER.equals(manager));
    }

    private List<ReadSlice.Port> ports(Sourced<EndpointSlice> slice) {
        List<ReadSlice.Port> ports = new ArrayList<>();
        List<EndpointPort> entries = OrEmpty.list(slice.object().getPorts());
        for (int i = 0; i < entries.size(); i++) {
            EndpointPort entry = entries.get(i);
            Integer number = entry.getPort();
            Protocol protocol = PortReading.protocol(entry.getProtocol());
            String name = entry.getName();
            if (name != null && number != null && PortReading.isPort(number) && protocol != null) {
                ports.add(new ReadSlice.Port(name, protocol, number));
            } else {
                problems.warning(
                        slice,
                        "ports[" + i + "]",
                        "is ignored, for a port needs a name (it may be \"\"), a number from 1 to 65535 and a known"
                                + " protocol",
                        "complete it");
            }
        }
        return ports;
    }

    private @Nullable InetAddress address(Sourced<EndpointSlice> slice, int index, Endpoint entry, IpFamily family) {
        List<String> addresses = OrEmpty.list(entry.getAddresses());
        if (addresses.isEmpty()) {
            return null;
        }
        String text = addresses.get(0);
        InetAddress address = Addresses.orNull(text);
        String reason;
        if (address == null) {
            reason = "no IP address";
        } else if (IpFamily.of(address) != family) {
            reason = "no " + family.kubernetesName() + " address";
        } else {
            reason = Addresses.refusedForEndpoint(address, allowLoopback);
        }
        if (reason == null) {
            return address;
        }
        Sourced<Pod> pod = pod(entry);
        String field = pod == null ? "endpoints[" + index + "].addresses[0]" : "status.podIP";
        problems.warning(
                pod == null ? slice : pod,
                field,
                text + " is " + reason + ", the endpoint is left out",
                "give the address at which the backend listens");
        return null;
    }

    private SliceEndpoint endpoint(Endpoint entry, InetAddress address, int sliceWeight) {
        Sourced<Pod> pod = pod(entry);
        Integer podWeight = pod == null ? null : AnnotationCheck.weight(pod, problems);
        EndpointConditions conditions = entry.getConditions();
        String nodeName = OrEmpty.orNull(entry.getNodeName());
        return new SliceEndpoint(
                address,
                podName(entry),
                nodeName,
                OrEmpty.orNull(entry.getZone()),
                podWeight == null ? sliceWeight : podWeight,
                conditions == null || conditions.getReady() == null || conditions.getReady(),
                conditions == null || conditions.getServing() == null || conditions.getServing(),
                conditions != null && OrEmpty.isTrue(conditions.getTerminating()),
                nodeName != null && nodeName.equals(node.name()),
                names(
                        entry.getHints() == null
                                ? Stream.empty()
                                : OrEmpty.list(entry.getHints().getForZones()).stream()
                                        .map(ForZone::getName)),
                names(
                        entry.getHints() == null
                                ? Stream.empty()
                                : OrEmpty.list(entry.getHints().getForNodes()).stream()
                                        .map(ForNode::getName)));
    }

    private @Nullable Sourced<Pod> pod(Endpoint entry) {
        String name = podName(entry);
        return name == null ? null : pods.get(name);
    }

    private static @Nullable String podName(Endpoint entry) {
        boolean isPod = entry.getTargetRef() != null
                && "Pod".equals(entry.getTargetRef().getKind());
        return isPod ? OrEmpty.orNull(entry.getTargetRef().getName()) : null;
    }

    private static SortedSet<String> names(Stream<@Nullable String> names) {
        SortedSet<String> sorted = new TreeSet<>();
        names.forEach(name -> {
            if (name != null && !name.isEmpty()) {
                sorted.add(name);
            }
        });
        return sorted;
    }
}
