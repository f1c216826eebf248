package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObjectRulesTest {

    @Test
    void mistakesInSlicesAreTold() {
        assertThat(
                        slice(
                                "{addressType: IPv4, endpoints: [{addresses: [10.0.0.1]}], ports: [{port: 80, protocol: TCP}, {name: a}]"))
                .isEmpty();
        assertThat(slice("{endpoints: []")).containsExactly("ERROR addressType: is missing; write IPv4 or IPv6");
        assertThat(slice("{addressType: ipv4"))
                .containsExactly("ERROR addressType: \"ipv4\" is no address type; did you mean \"IPv4\"?");
        assertThat(slice("{addressType: FQDN, endpoints: [{addresses: [a.b]}]")).isEmpty();
        assertThat(
                        slice(
                                "{addressType: IPv4, endpoints: [{addresses: [a.b, 'fd00::1']}, {}], ports: [{port: 0}, {port: 1, protocol: tcp}]"))
                .containsExactly(
                        "ERROR endpoints[0].addresses[0]: \"a.b\" is no IP address; write an address, names are not resolved",
                        "ERROR endpoints[0].addresses[1]: \"fd00::1\" is no IPv4 address; change addressType, or put it into a slice of its own family",
                        "ERROR endpoints[1].addresses: is empty; write an address",
                        "ERROR ports[0].port: 0 is out of range; use 1 to 65535",
                        "ERROR ports[1].protocol: \"tcp\" is no protocol; use TCP, UDP or SCTP");
    }

    @Test
    void mistakesInEndpointsPodsAndNodesAreTold() {
        var endpoints = Cluster.sourced(
                "{kind: Endpoints, metadata: {name: e}, subsets: [{addresses: [{ip: a}], notReadyAddresses: [{}], ports: [{port: 70000}]}]}",
                Endpoints.class);
        var pod = Cluster.sourced(
                "{kind: Pod, metadata: {name: p}, status: {podIP: a, podIPs: [{ip: 10.0.0.1}, {ip: b}]}}", Pod.class);
        var node = Cluster.sourced(
                "{kind: Node, metadata: {name: n}, status: {addresses: [{type: Hostname, address: a}, {type: InternalIP, address: b}]}}",
                Node.class);
        assertThat(check(new ClusterState(
                        List.of(), List.of(pod), List.of(), List.of(endpoints), List.of(node), List.of())))
                .containsExactly(
                        "ERROR status.podIP: \"a\" is no IP address; write an address, names are not resolved",
                        "ERROR status.podIPs[1].ip: \"b\" is no IP address; write an address, names are not resolved",
                        "ERROR subsets[0].addresses[0].ip: \"a\" is no IP address; write an address, names are not resolved",
                        "ERROR subsets[0].notReadyAddresses[0].ip: null is no IP address; write an address, names are not resolved",
                        "ERROR subsets[0].ports[0].port: 70000 is out of range; use 1 to 65535",
                        "ERROR status.addresses[1].address: \"b\" is no IP address; write an address, names are not resolved");
    }

    private static List<String> slice(String open) {
        String yaml = open + (open.contains("metadata") ? "" : ", metadata: {name: s}") + ", kind: EndpointSlice}";
        return check(new ClusterState(
                List.of(),
                List.of(),
                List.of(Cluster.sourced(yaml, EndpointSlice.class)),
                List.of(),
                List.of(),
                List.of()));
    }

    private static List<String> check(ClusterState state) {
        return Admission.admit(state, AdmissionOptions.DEFAULT, Held.NOTHING).problems().stream()
                .map(problem -> problem.severity() + " "
                        + problem.toString().replaceFirst("^f.yaml, document 1: [A-Za-z]+ default/[a-z]: ", ""))
                .toList();
    }
}
