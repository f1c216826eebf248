package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServiceRulesTest {

    private static final String ONE = "ports: [{port: 80}]";

    /** Each row is one Service and the problems that it must have, all of them. */
    private record Row(String rule, String spec, String... problems) {}

    private static final List<Row> ROWS = List.of(
            new Row("19.2 no port", "{}", "ERROR web spec.ports: is empty; give the Service at least one port"),
            new Row("19.2 no port, headless", "{clusterIP: None}"),
            new Row("19.2 no port, ExternalName", "{type: ExternalName, externalName: a.b}"),
            new Row(
                    "19.2 two ports, one without a name",
                    "{ports: [{port: 80, name: a}, {port: 81}]}",
                    "ERROR web spec.ports[1].name: is missing; name every port of a Service that has several"),
            new Row(
                    "19.2 two ports of one name, of different protocols",
                    "{ports: [{port: 80, name: a}, {port: 81, name: a, protocol: UDP}]}",
                    "ERROR web spec.ports[1].name: \"a\" is that of spec.ports[0] too; give every port a name of its own"),
            new Row(
                    "19.2 a name that is none",
                    "{ports: [{port: 80, name: Web_1}]}",
                    "ERROR web spec.ports[0].name: \"Web_1\" is no port name; use at most 63 of a-z, 0-9 and '-', no '-' at either end"),
            new Row(
                    "19.2 one number for two protocols",
                    "{ports: [{port: 53, name: a}, {port: 53, name: b, protocol: UDP}]}"),
            new Row(
                    "19.2 one number and protocol twice",
                    "{ports: [{port: 53, name: a}, {port: 53, name: b}]}",
                    "ERROR web spec.ports[1].port: 53/TCP is that of spec.ports[0] too; use another number or protocol"),
            new Row(
                    "19.2 port 0",
                    "{ports: [{port: 0}]}",
                    "ERROR web spec.ports[0].port: 0 is out of range; use 1 to 65535"),
            new Row(
                    "19.2 port 65536",
                    "{ports: [{port: 65536, targetPort: 1}]}",
                    "ERROR web spec.ports[0].port: 65536 is out of range; use 1 to 65535"),
            new Row(
                    "19.2 no number",
                    "{ports: [{name: a}]}",
                    "ERROR web spec.ports[0].port: is missing; write what the Service listens on, 1 to 65535"),
            new Row(
                    "19.2 target port 65536",
                    "{ports: [{port: 80, targetPort: 65536}]}",
                    "ERROR web spec.ports[0].targetPort: 65536 is out of range; use 1 to 65535"),
            new Row(
                    "19.2 target port negative",
                    "{ports: [{port: 80, targetPort: -1}]}",
                    "ERROR web spec.ports[0].targetPort: -1 is out of range; use 1 to 65535"),
            new Row("19.2 target port by name", "{ports: [{port: 80, targetPort: http-web}]}"),
            new Row(
                    "19.2 target port in quotes",
                    "{ports: [{port: 80, targetPort: '8080'}]}",
                    "ERROR web spec.ports[0].targetPort: \"8080\" is no port name; write 8080 without quotes"),
            new Row(
                    "19.2 target port of 16 letters",
                    "{ports: [{port: 80, targetPort: abcdefghijklmnop}]}",
                    "ERROR web spec.ports[0].targetPort: \"abcdefghijklmnop\" is no port name; use a number, or at most 15 of a-z, 0-9 and single '-' with a letter among them"),
            new Row(
                    "19.2 protocol",
                    "{ports: [{port: 80, protocol: HTTP}]}",
                    "ERROR web spec.ports[0].protocol: \"HTTP\" is no protocol; use TCP, UDP or SCTP"),
            new Row(
                    "19.2 protocol in small letters",
                    "{ports: [{port: 80, protocol: tcp}]}",
                    "ERROR web spec.ports[0].protocol: \"tcp\" is no protocol; write TCP"),
            new Row("19.2 SCTP", "{ports: [{port: 80, protocol: SCTP}]}"),
            new Row(
                    "type",
                    "{type: Nodeport, " + ONE + "}",
                    "ERROR web spec.type: \"Nodeport\" is none of ClusterIP, NodePort, LoadBalancer, ExternalName; did you mean \"NodePort\"?"),
            new Row(
                    "19.3 node port of ClusterIP",
                    "{ports: [{port: 80, nodePort: 30080}]}",
                    "ERROR web spec.ports[0].nodePort: 30080 is not allowed with type ClusterIP; use type NodePort or LoadBalancer, or remove it"),
            new Row(
                    "19.3 one node port for two ports",
                    "{type: NodePort, ports: [{port: 80, name: a, nodePort: 30080}, {port: 81, name: b, nodePort: 30080}]}",
                    "ERROR web spec.ports[1].nodePort: 30080 is requested by another port of the Service too; use another number; only ports with the same spec.ports[].port share one"),
            new Row(
                    "17.5 one node port for two ports and protocols",
                    "{type: NodePort, ports: [{port: 80, name: a, nodePort: 30080}, {port: 81, name: b, nodePort: 30080, protocol: UDP}]}",
                    "ERROR web spec.ports[1].nodePort: 30080 is requested by another port of the Service too; use another number; only ports with the same spec.ports[].port share one"),
            new Row(
                    "17.3 one node port for one port and two protocols",
                    "{type: NodePort, ports: [{port: 53, name: a, nodePort: 30053}, {port: 53, name: b, nodePort: 30053, protocol: UDP}]}"),
            new Row(
                    "17.1 node port below the range",
                    "{type: NodePort, ports: [{port: 80, nodePort: 29999}]}",
                    "ERROR web spec.ports[0].nodePort: 29999 is outside of the node port range 30000-32767; use a number inside of it, or nothing for one that is free"),
            new Row(
                    "17.1 node port above the range",
                    "{type: LoadBalancer, ports: [{port: 80, nodePort: 32768}]}",
                    "ERROR web spec.ports[0].nodePort: 32768 is outside of the node port range 30000-32767; use a number inside of it, or nothing for one that is free"),
            new Row(
                    "17.1 the ends of the range",
                    "{type: NodePort, ports: [{port: 80, name: a, nodePort: 30000}, {port: 81, name: b, nodePort: 32767}]}"),
            new Row(
                    "19.3 headless NodePort",
                    "{type: NodePort, clusterIP: None, " + ONE + "}",
                    "ERROR web spec.clusterIP: None is not allowed with type NodePort; remove it, or use type ClusterIP"),
            new Row(
                    "19.4 external policy of ClusterIP",
                    "{externalTrafficPolicy: Local, " + ONE + "}",
                    "ERROR web spec.externalTrafficPolicy: \"Local\" is not allowed; it needs type NodePort, LoadBalancer, or externalIPs; remove it otherwise"),
            new Row(
                    "19.4 external policy with external IPs",
                    "{externalTrafficPolicy: Local, externalIPs: [192.0.2.1], " + ONE + "}"),
            new Row(
                    "19.4 external policy unknown",
                    "{type: NodePort, externalTrafficPolicy: local, " + ONE + "}",
                    "ERROR web spec.externalTrafficPolicy: \"local\" is none of Cluster, Local; did you mean \"Local\"?"),
            new Row(
                    "19.4 health check node port without Local",
                    "{type: LoadBalancer, healthCheckNodePort: 30001, " + ONE + "}",
                    "ERROR web spec.healthCheckNodePort: 30001 is not allowed; it needs type LoadBalancer and externalTrafficPolicy Local; remove it otherwise"),
            new Row(
                    "19.4 health check node port of NodePort",
                    "{type: NodePort, externalTrafficPolicy: Local, healthCheckNodePort: 30001, " + ONE + "}",
                    "ERROR web spec.healthCheckNodePort: 30001 is not allowed; it needs type LoadBalancer and externalTrafficPolicy Local; remove it otherwise"),
            new Row(
                    "17.10 health check node port that is a node port",
                    "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30001, ports: [{port: 80, nodePort: 30001}]}",
                    "ERROR web spec.healthCheckNodePort: 30001 is a node port of the Service too; use another number"),
            new Row(
                    "17.10 health check node port outside of the range",
                    "{type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 80, " + ONE + "}",
                    "ERROR web spec.healthCheckNodePort: 80 is outside of the node port range 30000-32767; use a number inside of it, or nothing for one that is free"),
            new Row(
                    "19.5 internal policy",
                    "{internalTrafficPolicy: Node, " + ONE + "}",
                    "ERROR web spec.internalTrafficPolicy: \"Node\" is none of Cluster, Local; use one of them"),
            new Row(
                    "19.5 distribution",
                    "{trafficDistribution: PreferNear, " + ONE + "}",
                    "ERROR web spec.trafficDistribution: \"PreferNear\" is none of PreferClose, PreferSameZone, PreferSameNode; use one of them"),
            new Row("19.5 distribution that is known", "{trafficDistribution: PreferSameNode, " + ONE + "}"),
            new Row(
                    "19.6 affinity",
                    "{sessionAffinity: Cookie, " + ONE + "}",
                    "ERROR web spec.sessionAffinity: \"Cookie\" is none of None, ClientIP; use one of them"),
            new Row(
                    "19.6 timeout 0",
                    "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 0}}, " + ONE + "}",
                    "ERROR web spec.sessionAffinityConfig.clientIP.timeoutSeconds: 0 is out of range; use 1 to 86400"),
            new Row(
                    "19.6 timeout 86400",
                    "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86400}}, " + ONE
                            + "}"),
            new Row(
                    "19.6 timeout 86401",
                    "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 86401}}, " + ONE
                            + "}",
                    "ERROR web spec.sessionAffinityConfig.clientIP.timeoutSeconds: 86401 is out of range; use 1 to 86400"),
            new Row(
                    "19.7 external IPs",
                    "{externalIPs: [192.0.2.1, a.b, 0.0.0.0, 127.0.0.1, 169.254.1.1, 224.0.0.1, '::1', 'fe80::1'], "
                            + ONE + "}",
                    "ERROR web spec.externalIPs[1]: \"a.b\" is no IP address; give an address that clients outside can reach",
                    "ERROR web spec.externalIPs[2]: \"0.0.0.0\" is the unspecified address; give an address that clients outside can reach",
                    "ERROR web spec.externalIPs[4]: \"169.254.1.1\" is a link-local address; give an address that clients outside can reach",
                    "ERROR web spec.externalIPs[5]: \"224.0.0.1\" is a link-local address; give an address that clients outside can reach",
                    "ERROR web spec.externalIPs[7]: \"fe80::1\" is a link-local address; give an address that clients outside can reach"),
            new Row(
                    "19.7 source ranges",
                    "{type: LoadBalancer, loadBalancerSourceRanges: [' 10.0.0.0/8 ', 10.0.0.1], " + ONE + "}",
                    "ERROR web spec.loadBalancerSourceRanges[1]: \"10.0.0.1\" has no prefix length (expected: like 10.0.0.0/8); write a CIDR like 10.0.0.0/8"),
            new Row(
                    "19.7 fields of balancers elsewhere",
                    "{loadBalancerSourceRanges: [10.0.0.0/8], loadBalancerClass: a, allocateLoadBalancerNodePorts: false, "
                            + ONE + "}",
                    "ERROR web spec.loadBalancerSourceRanges: a list is not allowed with type ClusterIP; use type LoadBalancer, or remove it",
                    "ERROR web spec.loadBalancerClass: \"a\" is not allowed with type ClusterIP; use type LoadBalancer, or remove it",
                    "ERROR web spec.allocateLoadBalancerNodePorts: false is not allowed with type ClusterIP; use type LoadBalancer, or remove it"),
            new Row(
                    "19.8 ExternalName without a name",
                    "{type: ExternalName}",
                    "ERROR web spec.externalName: is missing; write the DNS name that the Service stands for, in lower case"),
            new Row("19.8 ExternalName with a trailing dot", "{type: ExternalName, externalName: example.org.}"),
            new Row(
                    "19.8 ExternalName that is no name",
                    "{type: ExternalName, externalName: a..b}",
                    "ERROR web spec.externalName: \"a..b\" is no DNS name; write the DNS name that the Service stands for, in lower case"),
            new Row(
                    "19.8 ExternalName with addresses",
                    "{type: ExternalName, externalName: a, clusterIP: 10.96.0.7, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack}",
                    "ERROR web spec.clusterIP: \"10.96.0.7\" is not allowed; remove it, a Service of type ExternalName has none",
                    "ERROR web spec.ipFamilies: [IPv4] is not allowed; remove it, a Service of type ExternalName has none",
                    "ERROR web spec.ipFamilyPolicy: \"SingleStack\" is not allowed; remove it, a Service of type ExternalName has none"),
            new Row(
                    "16.1 cluster IP outside of the range",
                    "{clusterIP: 10.0.0.1, " + ONE + "}",
                    "ERROR web spec.clusterIP: \"10.0.0.1\" is outside of the service range 10.96.0.0/12; use an address inside of it, or nothing for one that is free"),
            new Row(
                    "16.1 the network address",
                    "{clusterIP: 10.96.0.0, " + ONE + "}",
                    "ERROR web spec.clusterIP: \"10.96.0.0\" is outside of the service range 10.96.0.0/12; use an address inside of it, or nothing for one that is free"),
            new Row(
                    "16.1 the broadcast address",
                    "{clusterIP: 10.111.255.255, " + ONE + "}",
                    "ERROR web spec.clusterIP: \"10.111.255.255\" is outside of the service range 10.96.0.0/12; use an address inside of it, or nothing for one that is free"),
            new Row("16.1 the last address", "{clusterIP: 10.111.255.254, " + ONE + "}"),
            new Row(
                    "cluster IP that is none",
                    "{clusterIP: none, " + ONE + "}",
                    "ERROR web spec.clusterIP: \"none\" is no IP address; write an address, None, or nothing for one that is free"),
            new Row(
                    "18.6 cluster IPs without the one",
                    "{clusterIPs: [10.96.0.7], " + ONE + "}",
                    "ERROR web spec.clusterIPs[0]: \"10.96.0.7\" is not spec.clusterIP; give spec.clusterIP the same value"),
            new Row(
                    "21.2 two addresses of a family",
                    "{clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, 10.96.0.8], ipFamilyPolicy: PreferDualStack, " + ONE
                            + "}",
                    "ERROR web spec.clusterIPs[1]: is a second IPv4 address; give at most one of each family"),
            new Row(
                    "21.2 a family that the cluster does not have",
                    "{clusterIP: 'fd00::1', " + ONE + "}",
                    "ERROR web spec.clusterIP: is IPv6, which this cluster does not have; add an IPv6 --service-cidr, or remove it"),
            new Row(
                    "21.2 the same by family",
                    "{ipFamilies: [IPv6], " + ONE + "}",
                    "ERROR web spec.ipFamilies[0]: \"IPv6\" is not configured in this cluster; add an IPv6 --service-cidr, or remove it"),
            new Row(
                    "21.2 an address of another family than said",
                    "{clusterIP: 10.96.0.7, ipFamilies: [IPv6], " + ONE + "}",
                    "ERROR web spec.clusterIP: is IPv4 where spec.ipFamilies has IPv6; give addresses in the order of spec.ipFamilies"),
            new Row(
                    "21.1 dual stack required",
                    "{ipFamilyPolicy: RequireDualStack, " + ONE + "}",
                    "ERROR web spec.ipFamilyPolicy: RequireDualStack needs two families, this cluster has one; give --service-cidr twice, or use PreferDualStack"),
            new Row("21.1 dual stack preferred", "{ipFamilyPolicy: PreferDualStack, " + ONE + "}"),
            new Row(
                    "21.1 two families under SingleStack",
                    "{ipFamilies: [IPv4, IPv6], " + ONE + "}",
                    "ERROR web spec.ipFamilyPolicy: is SingleStack with two families; use RequireDualStack or PreferDualStack for two families",
                    "ERROR web spec.ipFamilies[1]: \"IPv6\" is not configured in this cluster; add an IPv6 --service-cidr, or remove it"),
            new Row(
                    "policy unknown",
                    "{ipFamilyPolicy: DualStack, " + ONE + "}",
                    "ERROR web spec.ipFamilyPolicy: \"DualStack\" is no policy; use one of SingleStack, PreferDualStack, RequireDualStack"),
            new Row(
                    "families unknown and twice",
                    "{ipFamilies: [ipv4, ipv4], ipFamilyPolicy: PreferDualStack, " + ONE + "}",
                    "ERROR web spec.ipFamilies[0]: \"ipv4\" is no family; did you mean \"IPv4\"?",
                    "ERROR web spec.ipFamilies[1]: \"ipv4\" is no family; did you mean \"IPv4\"?",
                    "ERROR web spec.ipFamilies: [ipv4, ipv4] names a family twice; name each once"));

    @Test
    void everyMistakeIsToldWithItsFieldAndWhatToDoAndOthersGoOn() {
        for (Row row : ROWS) {
            Cluster cluster = Cluster.withDefaults()
                    .put("web", row.spec)
                    .put("other", "{" + ONE + "}")
                    .admit();
            assertThat(cluster.lines()).as(row.rule).containsExactly(row.problems);
            assertThat(cluster.served())
                    .as(row.rule)
                    .containsExactlyElementsOf(row.problems.length == 0 ? List.of("web", "other") : List.of("other"));
        }
    }

    @Test
    void namesOfServicesAreDnsLabels() {
        String spec = "{" + ONE + "}";
        assertThat(Cluster.withDefaults().put("a.b", spec).admit().lines())
                .as("19.1")
                .containsExactly(
                        "ERROR a.b metadata.name: \"a.b\" is no name of a Service; use at most 63 of a-z, 0-9 and '-', no '-' at either end");
        assertThat(Cluster.withDefaults().put("a".repeat(63), spec).admit().lines())
                .isEmpty();
        assertThat(Cluster.withDefaults().put("a".repeat(64), spec).admit().served())
                .isEmpty();
        Cluster digit = Cluster.withDefaults().put("1a", spec).admit();
        assertThat(digit.served()).containsExactly("1a");
        assertThat(digit.lines())
                .containsExactly(
                        "WARNING 1a metadata.name: \"1a\" begins with a digit, which Kubernetes before 1.37 refuses; begin it with a letter");
    }

    @Test
    void ingressEntriesAndTopologyAnnotationsAreChecked() {
        Service service = Cluster.sourced("""
                        kind: Service
                        metadata:
                          name: web
                          annotations:
                            service.kubernetes.io/topology-mode: Auto
                            service.kubernetes.io/topology-aware-hints: disabled
                        spec: {type: LoadBalancer, ports: [{port: 80}]}
                        status: {loadBalancer: {ingress: [{ip: a.b}, {hostname: a.b, ipMode: VIP}, {ip: 192.0.2.1, ipMode: Vip}]}}
                        """, Service.class).object();
        assertThat(Cluster.withDefaults().put(service).admit().lines())
                .as("19.9, 19.11")
                .containsExactly(
                        "ERROR web status.loadBalancer.ingress[0].ip: \"a.b\" is no IP address; write an address",
                        "ERROR web status.loadBalancer.ingress[1].ipMode: is there without an ip; add the ip or remove it",
                        "ERROR web status.loadBalancer.ingress[2].ipMode: \"Vip\" is none of VIP, Proxy; did you mean \"VIP\"?",
                        "ERROR web metadata.annotations[service.kubernetes.io/topology-mode]: \"Auto\" is not what service.kubernetes.io/topology-aware-hints says (\"disabled\"); remove the latter");
    }
}
