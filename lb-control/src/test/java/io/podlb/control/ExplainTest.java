package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.Lb.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code lb explain} says, word by word, since people learn from it what Services are. */
class ExplainTest {

    private static final String NODE = """
            apiVersion: v1
            kind: Node
            metadata: {name: n0, labels: {topology.kubernetes.io/zone: zone-a}}
            ---
            """;

    @TempDir
    Path folder;

    @Test
    void tellsTheStoryOfTheDemo() {
        Result result = Lb.run("explain", "--node-name", "n0");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        assertThat(result.out()).isEqualTo("""
                Seen from node n0, whose zone is not known

                Service default/my-webapp-clusterip, type ClusterIP, cluster IP 10.104.230.136

                  Port 80/TCP

                    client inside  ->  10.104.230.136:80  ->  Pod:80
                                       port                   targetPort

                    port 80 is what the Service offers at its cluster IP, to clients in the cluster.
                    targetPort 80 is what the container in the Pod listens on.

                    Front ends
                      ClusterIP  10.104.230.136:80  here at 127.104.230.136:80  forward to 3 endpoints

                    How one is chosen
                      Policy random: each new connection is drawn by lot, as kube-proxy does it.

                    Can be chosen
                       33.3 %  my-webapp-27vd5brjm6-vkcc7  127.244.27.87:80    node n0
                       33.3 %  my-webapp-27vd5brjm6-mhmvk  127.244.137.79:80   node n0
                       33.3 %  my-webapp-27vd5brjm6-6g7nn  127.244.169.233:80  node n0

                Service default/my-webapp-nodeport, type NodePort, cluster IP 10.102.152.118

                  Port 80/TCP

                    client outside  ->  node:30080  ->  10.102.152.118:80  ->  Pod:80
                                        nodePort        port                   targetPort
                    client inside   ->                  10.102.152.118:80  ->  Pod:80

                    nodePort 30080 is open on every node, for clients that cannot reach the cluster IP.
                    port 80 is what the Service offers at its cluster IP, to clients in the cluster.
                    targetPort 80 is what the container in the Pod listens on.

                    Front ends
                      ClusterIP  10.102.152.118:80  here at 127.102.152.118:80  forward to 3 endpoints
                      NodePort   *:30080            here at 0.0.0.0:30080       forward to 3 endpoints

                    How one is chosen
                      Policy random: each new connection is drawn by lot, as kube-proxy does it.

                    Can be chosen
                       33.3 %  my-webapp-27vd5brjm6-vkcc7  127.244.27.87:80    node n0
                       33.3 %  my-webapp-27vd5brjm6-mhmvk  127.244.137.79:80   node n0
                       33.3 %  my-webapp-27vd5brjm6-6g7nn  127.244.169.233:80  node n0
                """);
    }

    @Test
    void saysThatThereIsNothing() throws IOException {
        assertThat(explain(NODE)).isEqualTo("""
                Seen from node n0 in zone zone-a

                No Services.
                """);
    }

    /**
     * Some Service and what is said of it.
     *
     * @param spec of Service web, indented
     * @param slice its ports and endpoints
     * @param lines lines of the text, in this order, perhaps with others between them
     */
    record Situation(String name, String metadata, String spec, String slice, List<String> lines) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Situation> situations() {
        List<Situation> rows = new ArrayList<>();
        String nodePortLocal = "type: NodePort, externalTrafficPolicy: Local, ports: [{port: 80, nodePort: 30080}]";
        String here = "{addresses: [10.244.0.1], nodeName: n0, zone: zone-a}";
        String away = "{addresses: [10.244.1.1], nodeName: n1, zone: zone-b}";
        rows.add(new Situation(
                "5.3 external policy Local without a local endpoint",
                "",
                nodePortLocal,
                "ports: [{port: 80}]\nendpoints: [" + away + "]",
                List.of(
                        "      ClusterIP  10.96.0.10:80  here at 127.96.0.10:80  forward to 1 endpoint",
                        "      NodePort   *:30080        here at 0.0.0.0:30080   drop: the usable endpoints are on other"
                                + " nodes and the policy is Local, clients are refused",
                        "                                from this node          forward to 1 endpoint",
                        "    Can be chosen under policy Cluster",
                        "      100.0 %  -  10.244.1.1:80  node n1, zone zone-b",
                        "    Can be chosen under policy Local",
                        "      nobody",
                        "    Cannot be chosen under policy Local",
                        "      never  -  10.244.1.1:80  node n1, zone zone-b  on another node (n1)")));
        rows.add(new Situation(
                "4.4 hints do not narrow the local set",
                "",
                "type: NodePort, externalTrafficPolicy: Local, internalTrafficPolicy: Local,"
                        + " ports: [{port: 80, nodePort: 30080}]",
                "ports: [{port: 80}]\nendpoints: [" + hinted(here, "zone-b") + ", " + hinted(away, "zone-a") + "]",
                List.of(
                        "      NodePort   *:30080        here at 0.0.0.0:30080   forward to 1 endpoint on this node"
                                + " (policy Local)",
                        "    Can be chosen under policy Local",
                        "      100.0 %  -  10.244.0.1:80  node n0, zone zone-a")));
        rows.add(new Situation(
                "4.2 terminating endpoints where none is ready",
                "",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nendpoints:\n"
                        + "- {addresses: [10.244.0.1], conditions: {ready: false, serving: true, terminating: true}}\n"
                        + "- {addresses: [10.244.0.2], conditions: {ready: false, serving: false, terminating: true}}\n"
                        + "- {addresses: [10.244.0.3], conditions: {ready: false, serving: false, terminating: false}}",
                List.of(
                        "      ClusterIP  10.96.0.10:80  here at 127.96.0.10:80  forward to 1 endpoint",
                        "      100.0 %  -  10.244.0.1:80  no node, terminating",
                        "    Cannot be chosen",
                        "      never  -  10.244.0.2:80  no node, terminating  terminating and no longer serving",
                        "      never  -  10.244.0.3:80  no node               not ready")));
        rows.add(new Situation(
                "4.2 terminating endpoints beside a ready one",
                "",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nendpoints:\n- " + here + "\n"
                        + "- {addresses: [10.244.0.2], conditions: {ready: false, serving: true, terminating: true}}",
                List.of(
                        "      100.0 %  -  10.244.0.1:80  node n0, zone zone-a",
                        "      never  -  10.244.0.2:80  no node, terminating  terminating; ready endpoints exist")));
        rows.add(new Situation(
                "4.6 zone hints",
                "",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nendpoints: [" + hinted(here, "zone-a") + ", " + hinted(away, "zone-b") + "]",
                List.of(
                        "      Topology zone: each ready endpoint has a zone hint, those for zone zone-a are used.",
                        "      100.0 %  -  10.244.0.1:80  node n0, zone zone-a",
                        "      never  -  10.244.1.1:80  node n1, zone zone-b  in another zone (zone-b); hints keep"
                                + " traffic in zone-a")));
        rows.add(new Situation(
                "weights",
                "",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nmetadata: {name: web-1, labels: {kubernetes.io/service-name: web}, annotations:"
                        + " {podlb.io/weight: '3'}}\nendpoints: [" + here + "]",
                List.of(
                        "       75.0 %  -  10.244.0.1:80  node n0, zone zone-a  weight 3",
                        "       25.0 %  -  10.244.9.9:80  no node")));
        rows.add(new Situation(
                "a policy without fixed shares",
                ", annotations: {podlb.io/policy: least-connections}",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nendpoints: [" + here + ", " + away + "]",
                List.of(
                        "      Policy least-connections: the endpoint with the fewest open connections is taken.",
                        "      depends  -  10.244.0.1:80  node n0, zone zone-a",
                        "      depends  -  10.244.1.1:80  node n1, zone zone-b")));
        for (String time : List.of("1 -> 1 second", "60 -> 1 minute", "90 -> 90 seconds", "7200 -> 2 hours")) {
            String[] words = time.split(" -> ");
            rows.add(new Situation(
                    "8.3 affinity of " + words[1],
                    "",
                    "sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: " + words[0]
                            + "}}, ports: [{port: 80}]",
                    "ports: [{port: 80}]\nendpoints: [" + here + "]",
                    List.of("      A client stays with its endpoint until it has made no new connection for " + words[1]
                            + ".")));
        }
        rows.add(new Situation(
                "UDP beside TCP",
                "",
                "ports: [{name: dns, port: 53, protocol: UDP}, {name: tcp, port: 53}]",
                "ports: [{name: dns, port: 53, protocol: UDP}, {name: tcp, port: 53}]\nendpoints: [" + here + "]",
                List.of(
                        "  Port 53/UDP \"dns\"",
                        "      ClusterIP  10.96.0.10:53  here at 127.96.0.10:53  forward to 1 endpoint",
                        "      A client port stays with its endpoint until no datagram has passed for the time of"
                                + " --udp-idle-timeout.",
                        "  Port 53/TCP \"tcp\"",
                        "      ClusterIP  10.96.0.10:53  here at 127.96.0.10:53  forward to 1 endpoint")));
        rows.add(new Situation(
                "UDP flows per datagram",
                ", annotations: {podlb.io/udp-flows: per-datagram, podlb.io/udp-idle-timeout: 1500ms}",
                "ports: [{name: dns, port: 53, protocol: UDP}]",
                "ports: [{name: dns, port: 53, protocol: UDP}]\nendpoints: [" + here + "]",
                List.of(
                        "      Each DNS request is balanced on its own. For anything else:",
                        "      A client port stays with its endpoint until no datagram has passed for 1500"
                                + " milliseconds.")));
        rows.add(new Situation(
                "8.2 affinity wins over flows per datagram",
                ", annotations: {podlb.io/udp-flows: per-datagram}",
                "sessionAffinity: ClientIP, ports: [{name: dns, port: 53, protocol: UDP}]",
                "ports: [{name: dns, port: 53, protocol: UDP}]\nendpoints: [" + here + "]",
                List.of(
                        "      A client stays with its endpoint until it has made no new connection for 3 hours.",
                        "      Each DNS request is balanced on its own, as far as that leaves a choice. For anything else:",
                        "      A client port stays with its endpoint until no datagram has passed for the time of"
                                + " --udp-idle-timeout.")));
        rows.add(new Situation(
                "SCTP",
                "",
                "ports: [{port: 80, protocol: SCTP}]",
                "ports: [{port: 80, protocol: SCTP}]\nendpoints: [" + here + "]",
                List.of("      Nothing listens for SCTP, which podlb does not serve.")));
        rows.add(new Situation(
                "4.8 nothing usable anywhere",
                "",
                "ports: [{port: 80}]",
                "ports: [{port: 80}]\nendpoints: []",
                List.of(
                        "      ClusterIP  10.96.0.10:80  here at 127.96.0.10:80  reject: no endpoint is usable, clients"
                                + " are refused",
                        "    Can be chosen",
                        "      nobody")));
        rows.add(new Situation(
                "6.1 source ranges and external addresses",
                "",
                "type: LoadBalancer, loadBalancerSourceRanges: [192.0.2.0/24], externalIPs: [198.51.100.7],"
                        + " allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}\nstatus: {loadBalancer: {ingress:"
                        + " [{ip: 203.0.113.5}]}",
                "ports: [{port: 80}]\nendpoints: [" + here + "]",
                List.of(
                        "      ExternalIP    198.51.100.7:80  here at 198.51.100.7:80  forward to 1 endpoint",
                        "      LoadBalancer  203.0.113.5:80   here at 203.0.113.5:80   forward to 1 endpoint",
                        "                                                              only for clients in"
                                + " [192.0.2.0/24]")));
        return rows;
    }

    private static String hinted(String endpoint, String zone) {
        return endpoint.replaceFirst("}$", ", hints: {forZones: [{name: " + zone + "}]}}");
    }

    @ParameterizedTest
    @MethodSource("situations")
    void saysWhatHappensAndWhy(Situation situation) throws IOException {
        String text = explain(NODE
                + """
                apiVersion: v1
                kind: Service
                metadata: {name: web%s}
                spec: {clusterIP: 10.96.0.10, %s}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                addressType: IPv4
                %s%s
                """.formatted(
                                situation.metadata,
                                situation.spec,
                                situation.slice,
                                situation.slice.contains("metadata:")
                                        ? SECOND_SLICE
                                        : "\nmetadata: {name: web-1, labels: {kubernetes.io/service-name: web}}"));
        assertThat(text.lines().toList()).containsSubsequence(situation.lines);
    }

    private static final String SECOND_SLICE = """

            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-2, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            ports: [{port: 80}]
            endpoints: [{addresses: [10.244.9.9]}]
            """;

    @Test
    void whatLeavesAZoneInSpiteOfHintsIsSaidWithItsReason() throws IOException {
        String text = explain(NODE + """
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {podlb.io/zone-spill: "1.5"}}
                spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{port: 80}]
                endpoints:
                - {addresses: [10.244.0.1], zone: zone-a, hints: {forZones: [{name: zone-a}]}}
                - {addresses: [10.244.0.2], zone: zone-b, hints: {forZones: [{name: zone-b}]}}
                - {addresses: [10.244.0.3], zone: zone-b, hints: {forZones: [{name: zone-b}]}}
                - {addresses: [10.244.0.4], zone: zone-b, hints: {forZones: [{name: zone-b}]}}
                """);
        assertThat(text)
                .contains("Spill: if each zone sends as much as any other, endpoints here would get 2.00 times the"
                        + " mean; 75.0 % stay in zone-a, the rest goes to zone-b.\n")
                .contains(" 75.0 %  -  10.244.0.1:80  no node, zone zone-a")
                .contains("  8.3 %  -  10.244.0.4:80  no node, zone zone-b");
    }

    @Test
    void hintsAreNotMentionedWhereNobodyIsOfferedTheClusterSet() throws IOException {
        String text = explain(NODE + """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec: {clusterIP: 10.96.0.10, internalTrafficPolicy: Local, ports: [{port: 80}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{port: 80}]
                endpoints: [{addresses: [10.244.0.1], nodeName: n0, hints: {forZones: [{name: zone-a}]}}]
                """);
        assertThat(text)
                .contains("forward to 1 endpoint on this node (policy Local)")
                .doesNotContain("Topology");
    }

    @Test
    void whatAServiceAsksForBeyondKubernetesIsSaidWithItsAnnotation() throws IOException {
        String text = explain("""
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {podlb.io/eject-after: "3"}}
                spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
                """);
        assertThat(text)
                .contains(
                        "\n    Beyond Kubernetes\n      An endpoint that cannot be reached 3 times in a row is left out")
                .contains(" (podlb.io/eject-after)\n");
    }

    @Test
    void aServiceThatTakesNobodySinceNoProxyIsTrustedIsTold() throws IOException {
        String text = explain("""
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {podlb.io/accept-proxy: required}}
                spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
                """);
        assertThat(text)
                .contains("Connections are taken from trusted proxies alone")
                .contains("a trusted proxy is required and none is named, so that every client is reset");
    }

    @Test
    void problemsStandBelowTheServiceThatTheyAreAbout() throws IOException {
        String text = explain("""
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {podlb.io/polcy: random}}
                spec: {clusterIP: 10.96.0.10, ports: [{port: 80}]}
                ---
                apiVersion: v1
                kind: Node
                metadata: {name: n9}
                """);
        assertThat(text)
                .contains(
                        "\n  Problems\n    warning: ",
                        "metadata.annotations[podlb.io/polcy]: means nothing on a Service; did you mean podlb.io/policy?")
                .endsWith("""

                        Problems elsewhere
                          warning: no Node is called "n0", as this node is, so it has no zone; start with --node-name n9,\
                         or add the Node
                        """);
    }

    private String explain(String manifest) throws IOException {
        Path file = Files.writeString(folder.resolve("web.yaml"), manifest);
        Result result = Lb.run("explain", "-f", file.toString(), "--node-name", "n0");
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isZero();
        return result.out();
    }
}
