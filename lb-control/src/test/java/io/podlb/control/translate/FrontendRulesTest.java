package io.podlb.control.translate;

import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Front ends and verdicts (kube-semantics 2.3 to 2.13, 5, 6.1 to 6.3, 6.9, 22), on node n0. */
class FrontendRulesTest {

    private static final String[] HERE_AND_THERE = {"1 ready n0", "2 ready n1"};
    private static final String[] THERE = {"2 ready n1"};
    private static final String[] NONE = {};

    private static final UnaryOperator<ServiceBuilder> CLUSTER_IP = spec(same -> same);
    private static final UnaryOperator<ServiceBuilder> NODE_PORT = spec(FrontendRulesTest::nodePort);
    private static final UnaryOperator<ServiceBuilder> INTERNAL_LOCAL =
            spec(spec -> spec.withInternalTrafficPolicy("Local"));
    private static final UnaryOperator<ServiceBuilder> NODE_PORT_LOCAL =
            spec(spec -> nodePort(spec).withExternalTrafficPolicy("Local"));
    private static final UnaryOperator<ServiceBuilder> BOTH_LOCAL =
            spec(spec -> nodePort(spec).withExternalTrafficPolicy("Local").withInternalTrafficPolicy("Local"));

    static Stream<Arguments> rows() {
        return Stream.of(
                row("5.1 F1 of policy Cluster", CLUSTER_IP, HERE_AND_THERE, "ClusterIP 10.96.0.10:80 cluster forward"),
                row("5.2, 22 no endpoint", CLUSTER_IP, NONE, "ClusterIP 10.96.0.10:80 cluster reject"),
                row(
                        "5.2, 22 no endpoint rejects everywhere, also under Local",
                        BOTH_LOCAL,
                        NONE,
                        "ClusterIP 10.96.0.10:80 local reject",
                        "NodePort *:30080 local reject (here: cluster reject)"),
                row(
                        "4.5, 22 only terminating, not serving",
                        CLUSTER_IP,
                        new String[] {"1 gone n0"},
                        "ClusterIP 10.96.0.10:80 cluster reject"),
                row(
                        "22 only terminating, serving",
                        CLUSTER_IP,
                        new String[] {"1 terminating n0"},
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "5.1 F1 of internal Local",
                        INTERNAL_LOCAL,
                        HERE_AND_THERE,
                        "ClusterIP 10.96.0.10:80 local forward"),
                row("5.3 internal Local, none here", INTERNAL_LOCAL, THERE, "ClusterIP 10.96.0.10:80 local drop"),
                row(
                        "22 internal Local, none here: external Cluster forwards",
                        spec(spec -> nodePort(spec).withInternalTrafficPolicy("Local")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 local drop",
                        "NodePort *:30080 cluster forward"),
                row(
                        "5.5 Cluster never drops",
                        NODE_PORT,
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "NodePort *:30080 cluster forward"),
                row(
                        "5.3, 5.6, 22 external Local, none here",
                        NODE_PORT_LOCAL,
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "NodePort *:30080 local drop (here: cluster forward)"),
                row(
                        "5.6 external Local with one here: clients here get the cluster",
                        NODE_PORT_LOCAL,
                        HERE_AND_THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "NodePort *:30080 local forward (here: cluster forward)"),
                row(
                        "4.4, 22 external Local, local terminating, remote ready",
                        NODE_PORT_LOCAL,
                        new String[] {"1 terminating n0", "2 ready n1"},
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "NodePort *:30080 local forward (here: cluster forward)"),
                row(
                        "5.1 the policies are independent",
                        BOTH_LOCAL,
                        THERE,
                        "ClusterIP 10.96.0.10:80 local drop",
                        "NodePort *:30080 local drop (here: cluster forward)"),
                row(
                        "2.11, 22 external Local on a pure cluster IP Service",
                        spec(spec -> spec.withExternalTrafficPolicy("Local")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "2.11 external Local on ClusterIP with external IPs",
                        spec(spec -> spec.withExternalTrafficPolicy("Local").withExternalIPs("203.0.113.5")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 local drop (here: cluster forward)"),
                row(
                        "2.11, 22 external Local on a load balancer without an address yet",
                        spec(spec -> spec.withType("LoadBalancer").withExternalTrafficPolicy("Local")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "5.1, 5.3, 5.6 external Local holds for each external address",
                        service -> ranged().apply(service)
                                .editSpec()
                                .withExternalTrafficPolicy("Local")
                                .endSpec(),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 local drop (here: cluster forward)",
                        "LoadBalancer 203.0.113.9:80 local drop (here: cluster forward)",
                        "NodePort *:30080 local drop (here: cluster forward)"),
                row(
                        "4.11, 5.3 the last one anywhere terminates elsewhere: drop, not reject",
                        INTERNAL_LOCAL,
                        new String[] {"1 terminating n1"},
                        "ClusterIP 10.96.0.10:80 local drop"),
                row(
                        "2.9 the node port counts whatever the type says",
                        spec(spec -> nodePort(spec).withType("ClusterIP")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "NodePort *:30080 cluster forward"),
                row(
                        "2.5 external IPs of the family alone",
                        spec(spec -> spec.withExternalIPs("fd00::5", "203.0.113.5", "nonsense", "203.0.113.5")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward"),
                row(
                        "6.9 a load balancer without node port",
                        balancer("203.0.113.9", "VIP"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward"),
                row(
                        "2.6 the class of the balancer says nothing to a proxy",
                        service -> balancer("203.0.113.9", "VIP")
                                .apply(service)
                                .editSpec()
                                .withLoadBalancerClass("example.com/other")
                                .endSpec(),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward"),
                row(
                        "2.6 ipMode unset is VIP",
                        balancer("203.0.113.9", null),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward"),
                row(
                        "2.6, 22 ipMode Proxy is not captured",
                        balancer("203.0.113.9", "Proxy"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "2.6 a hostname alone is not captured",
                        service -> spec(spec -> spec.withType("LoadBalancer"))
                                .apply(service)
                                .withNewStatus()
                                .withNewLoadBalancer()
                                .addNewIngress()
                                .withHostname("lb.example")
                                .endIngress()
                                .endLoadBalancer()
                                .endStatus(),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "2.6 spec.loadBalancerIP is never read",
                        spec(spec -> spec.withType("LoadBalancer").withLoadBalancerIP("203.0.113.9")),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward"),
                row(
                        "6.1, 22 ranges guard VIPs alone; 2.7 padded, 2.5 of the family",
                        ranged(" 198.51.100.0/24 ", "fd00::/8"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward from 198.51.100.0/24",
                        "NodePort *:30080 cluster forward"),
                row(
                        "6.2 no endpoint rejects before ranges matter",
                        ranged("198.51.100.0/24"),
                        NONE,
                        "ClusterIP 10.96.0.10:80 cluster reject",
                        "ExternalIP 203.0.113.5:80 cluster reject",
                        "LoadBalancer 203.0.113.9:80 cluster reject from 198.51.100.0/24",
                        "NodePort *:30080 cluster reject"),
                row(
                        "6.2 under Local the ranges hold for clients here as well",
                        service -> ranged("198.51.100.0/24")
                                .apply(service)
                                .editSpec()
                                .withExternalTrafficPolicy("Local")
                                .endSpec(),
                        HERE_AND_THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 local forward (here: cluster forward)",
                        "LoadBalancer 203.0.113.9:80 local forward (here: cluster forward) from 198.51.100.0/24",
                        "NodePort *:30080 local forward (here: cluster forward)"),
                row(
                        "2.8, 22 ranges of the other family alone: no restriction",
                        ranged("fd00::/8"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward",
                        "NodePort *:30080 cluster forward"),
                row(
                        "2.5 a malformed range is dropped",
                        ranged("nonsense", "198.51.100.0/24"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward from 198.51.100.0/24",
                        "NodePort *:30080 cluster forward"),
                row(
                        "malformed ranges alone close the VIP rather than open it",
                        ranged("nonsense"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward",
                        "NodePort *:30080 cluster forward"),
                row(
                        "6.3 a range with the node's own address admits the VIP itself",
                        ranged("192.0.2.0/24"),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.5:80 cluster forward",
                        "LoadBalancer 203.0.113.9:80 cluster forward from 192.0.2.0/24 203.0.113.9/32",
                        "NodePort *:30080 cluster forward"),
                row(
                        "5.9 one address twice: the external IP is matched first",
                        service -> ranged("198.51.100.0/24")
                                .apply(service)
                                .editSpec()
                                .withExternalIPs("203.0.113.9")
                                .endSpec(),
                        THERE,
                        "ClusterIP 10.96.0.10:80 cluster forward",
                        "ExternalIP 203.0.113.9:80 cluster forward",
                        "NodePort *:30080 cluster forward"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void givesEachFrontEndItsVerdict(
            String name, UnaryOperator<ServiceBuilder> service, String[] endpoints, List<String> expected) {
        NodeFacts node = new NodeFacts("n0", null, List.of(Given.ip("192.0.2.7")));
        ServicePlan plan = new ServiceTranslator(node, Given.OPTIONS)
                .plan(Given.service(service), Given.behind(List.of(Given.slice("web-1", endpoints))));
        assertThat(Given.only(plan).frontends().stream().map(FrontendRulesTest::show))
                .containsExactlyElementsOf(expected);
    }

    private static Arguments row(
            String name, UnaryOperator<ServiceBuilder> service, String[] endpoints, String... expected) {
        return arguments(name, service, endpoints, List.of(expected));
    }

    private static String show(FrontendPlan frontend) {
        String text = frontend.kind().label() + " "
                + (frontend.address() == null ? "*" : frontend.address().getHostAddress())
                + ":" + frontend.port() + " " + frontend.endpointSet().label() + " "
                + frontend.verdict().label();
        if (frontend.nodeLocalSet() != frontend.endpointSet()) {
            text += " (here: " + frontend.nodeLocalSet().label() + " "
                    + frontend.nodeLocalVerdict().label() + ")";
        } else {
            assertThat(frontend.nodeLocalVerdict()).isEqualTo(frontend.verdict());
        }
        return frontend.sourceRanges().isEmpty()
                ? text
                : text + " from "
                        + frontend.sourceRanges().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    private static ServiceSpecBuilder nodePort(ServiceSpecBuilder spec) {
        return spec.withType("NodePort").editFirstPort().withNodePort(30080).endPort();
    }

    private static UnaryOperator<ServiceBuilder> balancer(String ip, String mode) {
        return service -> spec(spec -> spec.withType("LoadBalancer").withAllocateLoadBalancerNodePorts(false))
                .apply(service)
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp(ip)
                .withIpMode(mode)
                .endIngress()
                .endLoadBalancer()
                .endStatus();
    }

    private static UnaryOperator<ServiceBuilder> ranged(String... ranges) {
        return service -> spec(spec -> nodePort(spec)
                        .withType("LoadBalancer")
                        .withExternalIPs("203.0.113.5")
                        .withLoadBalancerSourceRanges(ranges))
                .apply(balancer("203.0.113.9", "VIP").apply(service));
    }
}
