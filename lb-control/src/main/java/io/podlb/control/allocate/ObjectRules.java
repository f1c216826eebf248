package io.podlb.control.allocate;

import static io.podlb.control.allocate.ServiceTypes.isBlank;

import io.fabric8.kubernetes.api.model.EndpointAddress;
import io.fabric8.kubernetes.api.model.EndpointSubset;
import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.cluster.Spelling;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Mistakes in slices, Endpoints, Pods and Nodes that an API server would refuse. Their annotations are translate's. */
final class ObjectRules {

    private static final List<String> ADDRESS_TYPES = List.of("IPv4", "IPv6", "FQDN");

    private ObjectRules() {}

    static List<Problem> check(ClusterState state) {
        List<Problem> problems = new ArrayList<>();
        for (Sourced<Pod> pod : state.pods()) {
            problems.addAll(pod(pod).problems());
        }
        for (Sourced<EndpointSlice> slice : state.endpointSlices()) {
            problems.addAll(slice(slice).problems());
        }
        for (Sourced<Endpoints> endpoints : state.endpoints()) {
            problems.addAll(endpoints(endpoints).problems());
        }
        for (Sourced<Node> node : state.nodes()) {
            problems.addAll(node(node).problems());
        }
        return problems;
    }

    private static Findings pod(Sourced<Pod> pod) {
        Findings findings = new Findings(pod);
        if (pod.object().getStatus() != null) {
            if (!isBlank(pod.object().getStatus().getPodIP())) {
                address("status.podIP", pod.object().getStatus().getPodIP(), null, findings);
            }
            List<PodIP> addresses = orEmpty(pod.object().getStatus().getPodIPs());
            for (int i = 0; i < addresses.size(); i++) {
                address("status.podIPs[" + i + "].ip", addresses.get(i).getIp(), null, findings);
            }
        }
        return findings;
    }

    private static Findings slice(Sourced<EndpointSlice> slice) {
        Findings findings = new Findings(slice);
        String type = slice.object().getAddressType();
        if (isBlank(type)) {
            findings.error("addressType", "is missing", "write IPv4 or IPv6");
        } else if (!ADDRESS_TYPES.contains(type)) {
            findings.error(
                    "addressType",
                    Problem.shown(type) + " is no address type",
                    Spelling.suggestion(type, ADDRESS_TYPES, "write IPv4 or IPv6"));
        } else if (!type.equals("FQDN")) {
            addresses(slice.object(), type, findings);
        }
        List<EndpointPort> ports = orEmpty(slice.object().getPorts());
        for (int i = 0; i < ports.size(); i++) {
            port("ports[" + i + "]", ports.get(i).getPort(), ports.get(i).getProtocol(), findings);
        }
        return findings;
    }

    private static void addresses(EndpointSlice slice, String type, Findings findings) {
        List<Endpoint> endpoints = orEmpty(slice.getEndpoints());
        for (int i = 0; i < endpoints.size(); i++) {
            List<String> addresses = orEmpty(endpoints.get(i).getAddresses());
            if (addresses.isEmpty()) {
                findings.error("endpoints[" + i + "].addresses", "is empty", "write an address");
            }
            for (int j = 0; j < addresses.size(); j++) {
                address("endpoints[" + i + "].addresses[" + j + "]", addresses.get(j), type, findings);
            }
        }
    }

    private static Findings endpoints(Sourced<Endpoints> endpoints) {
        Findings findings = new Findings(endpoints);
        List<EndpointSubset> subsets = orEmpty(endpoints.object().getSubsets());
        for (int i = 0; i < subsets.size(); i++) {
            String path = "subsets[" + i + "]";
            addresses(path + ".addresses", orEmpty(subsets.get(i).getAddresses()), findings);
            addresses(path + ".notReadyAddresses", orEmpty(subsets.get(i).getNotReadyAddresses()), findings);
            List<io.fabric8.kubernetes.api.model.EndpointPort> ports =
                    orEmpty(subsets.get(i).getPorts());
            for (int j = 0; j < ports.size(); j++) {
                port(
                        path + ".ports[" + j + "]",
                        ports.get(j).getPort(),
                        ports.get(j).getProtocol(),
                        findings);
            }
        }
        return findings;
    }

    private static void addresses(String path, List<EndpointAddress> addresses, Findings findings) {
        for (int i = 0; i < addresses.size(); i++) {
            address(path + "[" + i + "].ip", addresses.get(i).getIp(), null, findings);
        }
    }

    private static Findings node(Sourced<Node> node) {
        Findings findings = new Findings(node);
        if (node.object().getStatus() != null) {
            List<NodeAddress> addresses = orEmpty(node.object().getStatus().getAddresses());
            for (int i = 0; i < addresses.size(); i++) {
                if (String.valueOf(addresses.get(i).getType()).endsWith("IP")) {
                    address(
                            "status.addresses[" + i + "].address",
                            addresses.get(i).getAddress(),
                            null,
                            findings);
                }
            }
        }
        return findings;
    }

    private static void address(String field, @Nullable String text, @Nullable String family, Findings findings) {
        InetAddress address = Ip.orNull(text);
        if (address == null) {
            findings.error(
                    field, Problem.shown(text) + " is no IP address", "write an address, names are not resolved");
        } else if (family != null && !IpFamily.of(address).kubernetesName().equals(family)) {
            findings.error(
                    field,
                    Problem.shown(text) + " is no " + family + " address",
                    "change addressType, or put it into a slice of its own family");
        }
    }

    private static void port(String path, @Nullable Integer number, @Nullable String protocol, Findings findings) {
        if (number != null && !PortRules.isPort(number)) {
            findings.error(path + ".port", number + " is out of range", "use 1 to 65535");
        }
        if (!isBlank(protocol) && !PortRules.PROTOCOLS.contains(protocol)) {
            findings.error(path + ".protocol", Problem.shown(protocol) + " is no protocol", "use TCP, UDP or SCTP");
        }
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
