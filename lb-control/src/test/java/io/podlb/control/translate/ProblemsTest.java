package io.podlb.control.translate;

import static io.podlb.control.translate.Given.pod;
import static io.podlb.control.translate.Given.slice;
import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.ClusterState;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What people are told: each row is a whole manifest for node n0 in zone-a, and all that is said of its Service. */
class ProblemsTest {

    private static final UnaryOperator<ServiceBuilder> SELECTOR = spec(ProblemsTest::selector);
    private static final UnaryOperator<ServiceBuilder> NAMED = spec(spec -> selector(spec)
            .editFirstPort()
            .withTargetPort(new IntOrString("http"))
            .endPort());

    static Stream<Arguments> rows() {
        return Stream.of(
                row("all well", SELECTOR, List.of(pod("a", 1))),
                row(
                        "selector that matches no Pod",
                        SELECTOR,
                        List.of(),
                        "WARNING spec.selector: {app=web} matches no Pod in namespace default; add a Pod with these"
                                + " labels, or start with --simulate-pods if a Deployment or the like has them"),
                row(
                        "selector that matches ended Pods alone",
                        SELECTOR,
                        List.of(pod(
                                "a",
                                1,
                                pod -> pod.editStatus().withPhase("Failed").endStatus())),
                        "WARNING spec.selector: {app=web} matches only Pods that have ended in namespace default; add"
                                + " a Pod with these labels, or start with --simulate-pods if a Deployment or the like"
                                + " has them"),
                row(
                        "no selector and no slice",
                        same -> same,
                        List.of(pod("a", 1)),
                        "WARNING spec.selector: is empty, and no EndpointSlice carries the name of the Service, so it"
                                + " has no endpoint; add a selector, or an EndpointSlice with the label"
                                + " kubernetes.io/service-name: web"),
                row(
                        "Pods without address",
                        SELECTOR,
                        List.of(pod("a", 1), bare("b"), bare("c"), bare("d"), bare("e")),
                        "WARNING spec.selector: matches Pods without an address, which are no endpoints: b, c, d and 1"
                                + " more; set status.podIP or the annotation podlb.io/pod-ip, or start with"
                                + " --simulate-pods"),
                row(
                        "target port that a Pod does not have",
                        NAMED,
                        List.of(pod("a", 1, named("http")), pod("b", 2, named("web"))),
                        "WARNING spec.ports[0].targetPort: no container port named \"http\"/TCP in b, which is no"
                                + " endpoint of the port; the Pods have web; use one of them or give a number"),
                row(
                        "target port that no Pod has",
                        NAMED,
                        List.of(pod("a", 1), pod("b", 2)),
                        "WARNING spec.ports[0].targetPort: no container port named \"http\"/TCP in a, b, which are no"
                                + " endpoints of the port; name the port in the Pods or give a number"),
                row(
                        "5.13 port name that no slice has",
                        spec(spec -> spec.editFirstPort().withName("http").endPort()),
                        List.of(slice("s", "1 ready")),
                        "WARNING spec.ports[0].name: no EndpointSlice has a port \"http\"/TCP, so the port rejects;"
                                + " slices have \"\"/TCP; give both the same name and protocol, numbers do not matter"),
                row(
                        "internal Local without endpoint here",
                        spec(spec -> selector(spec).withInternalTrafficPolicy("Local")),
                        List.of(pod("a", 1, on("n1"))),
                        "NOTE spec.internalTrafficPolicy: Local, and no usable endpoint is on node n0 (nodes with"
                                + " endpoints: n1), so clients of the cluster IP are refused; run a Pod on n0, start"
                                + " with --node-name of a node that has one, or use Cluster"),
                row(
                        "external Local and no endpoint says its node",
                        spec(spec -> selector(spec)
                                .withType("NodePort")
                                .withExternalTrafficPolicy("Local")
                                .editFirstPort()
                                .withNodePort(30080)
                                .endPort()),
                        List.of(pod("a", 1)),
                        "WARNING spec.externalTrafficPolicy: Local, but no endpoint says on which node it is, so none"
                                + " is local and clients outside of this node are refused; set spec.nodeName of the"
                                + " Pods (nodeName in slices) to n0"),
                row(
                        "Local, and there is one here",
                        spec(spec -> selector(spec).withInternalTrafficPolicy("Local")),
                        List.of(pod("a", 1, on("n0")))),
                row(
                        "2.11 external Local without effect",
                        spec(spec -> selector(spec).withExternalTrafficPolicy("Local")),
                        List.of(pod("a", 1)),
                        "NOTE spec.externalTrafficPolicy: Local has no effect on a Service without external address;"
                                + " set spec.internalTrafficPolicy for the cluster IP"),
                row(
                        "4.9 trafficDistribution, endpoint without zone",
                        spec(spec -> selector(spec).withTrafficDistribution("PreferSameZone")),
                        List.of(pod("a", 1, on("n7"))),
                        "NOTE spec.trafficDistribution: PreferSameZone has no effect here: the zone of endpoint"
                                + " 10.244.0.1:80 is not known; label every Node with topology.kubernetes.io/zone"),
                row(
                        "15.3 CPU-proportional hints",
                        service -> SELECTOR.apply(service)
                                .editMetadata()
                                .addToAnnotations("service.kubernetes.io/topology-mode", "Auto")
                                .endMetadata(),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[service.kubernetes.io/topology-mode]: Auto asks for hints in"
                                + " proportion to CPUs, which are not supported; there are no hints; remove the"
                                + " annotation and set spec.trafficDistribution to PreferSameZone"),
                row(
                        "SCTP",
                        spec(spec -> selector(spec)
                                .editFirstPort()
                                .withProtocol("SCTP")
                                .endPort()),
                        List.of(pod("a", 1)),
                        "WARNING spec.ports[0].protocol: SCTP is not served, the port is only shown; use TCP or UDP"),
                row(
                        "misspelt annotation",
                        annotated("podlb.io/polcy"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/polcy]: means nothing on a Service; did you mean"
                                + " podlb.io/policy?"),
                row(
                        "annotation of other objects",
                        annotated("podlb.io/weight"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/weight]: means nothing on a Service; put it on an"
                                + " EndpointSlice or Endpoints or a Pod"),
                row(
                        "annotation far from all known ones",
                        annotated("podlb.io/frobnicate"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/frobnicate]: means nothing on a Service; known on a"
                                + " Service: podlb.io/accept-proxy, podlb.io/access-log, podlb.io/active-check, podlb.io/at-limit, podlb.io/connection-rate-per-client,"
                                + " podlb.io/drain, podlb.io/eject-after, podlb.io/fault, podlb.io/max-connection-age,"
                                + " podlb.io/max-connections, podlb.io/max-connections-per-backend,"
                                + " podlb.io/max-connections-per-client, podlb.io/policy,"
                                + " podlb.io/preserve-client-address,"
                                + " podlb.io/rebalance, podlb.io/retry-budget, podlb.io/send-proxy, podlb.io/slow-start,"
                                + " podlb.io/udp-flows, podlb.io/udp-idle-timeout, podlb.io/zone-spill"),
                row(
                        "a well-formed idle timeout",
                        annotated("podlb.io/udp-idle-timeout", "1m30s"),
                        List.of(pod("a", 1))),
                row(
                        "a malformed idle timeout",
                        annotated("podlb.io/udp-idle-timeout", "30"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/udp-idle-timeout]: \"30\" is no span of time (expected:"
                                + " like 500ms, 10s, 1m30s or 1h), the default is used; write it like 30s"),
                row(
                        "an idle timeout of nothing",
                        annotated("podlb.io/udp-idle-timeout", "0s"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/udp-idle-timeout]: \"0s\" is no span of time (expected:"
                                + " longer than nothing, like 10s), the default is used; write it like 30s"),
                row("flows per datagram", annotated("podlb.io/udp-flows", "per-datagram"), List.of(pod("a", 1))),
                row(
                        "no kind of flow",
                        annotated("podlb.io/udp-flows", "per-packet"),
                        List.of(pod("a", 1)),
                        "WARNING metadata.annotations[podlb.io/udp-flows]: \"per-packet\" is no kind of flow (expected:"
                                + " per-client or per-datagram), per-client is used; choose one of per-client,"
                                + " per-datagram"),
                row("annotations of others", annotated("example.com/weight"), List.of(pod("a", 1))),
                row(
                        "2.5 external IP of a family that the Service lacks",
                        spec(spec -> selector(spec).withExternalIPs("fd00::5")),
                        List.of(pod("a", 1)),
                        "WARNING spec.externalIPs: fd00:0:0:0:0:0:0:5 is not served, for the Service has no IPv6"
                                + " cluster IP; add IPv6 to spec.ipFamilies or use an address of the other family"),
                row(
                        "external IP that is the unspecified address",
                        spec(spec -> selector(spec).withExternalIPs("0.0.0.0")),
                        List.of(pod("a", 1)),
                        "ERROR spec.externalIPs[0]: \"0.0.0.0\" is the unspecified address, it is not served; give an"
                                + " IP address"),
                row(
                        "2.8 ranges of the other family alone",
                        balancer("fd00::/8"),
                        List.of(pod("a", 1)),
                        "WARNING spec.loadBalancerSourceRanges: all ranges are of the other family, so the IPv4"
                                + " address is open to everybody; add a range of IPv4"),
                row(
                        "ranges that nobody can read",
                        balancer("10.0.0.0"),
                        List.of(pod("a", 1)),
                        "WARNING spec.loadBalancerSourceRanges[0]: \"10.0.0.0\" has no prefix length (expected: like"
                                + " 10.0.0.0/8), the range is ignored; give a range like 203.0.113.0/24",
                        "ERROR spec.loadBalancerSourceRanges: no range can be read that could hold for IPv4, so its"
                                + " load balancer addresses are closed; mend the ranges"),
                row(
                        "load balancer without address",
                        spec(spec -> selector(spec).withType("LoadBalancer")),
                        List.of(pod("a", 1)),
                        "NOTE status.loadBalancer.ingress: no load balancer gave the Service an address yet; set"
                                + " status.loadBalancer.ingress[0].ip to serve one here"),
                row(
                        "2.4 family without cluster IP",
                        spec(spec -> selector(spec).withIpFamilies("IPv4", "IPv6")),
                        List.of(pod("a", 1)),
                        "NOTE spec.ipFamilies[1]: IPv6 has no cluster IP, so nothing is served in it; add one to"
                                + " spec.clusterIPs",
                        "NOTE spec.ipFamilies: no Pod has an IPv6 address, so that family has no endpoint; add one to"
                                + " status.podIPs"),
                row(
                        "1.9 names in slices",
                        same -> same,
                        List.of(slice("s", slice -> slice.withAddressType("FQDN"))),
                        "WARNING EndpointSlice default/s: addressType: \"FQDN\" is never served; use IPv4 or IPv6 with"
                                + " IP addresses"),
                row(
                        "refused address of a slice",
                        same -> same,
                        List.of(slice("s", "1 ready", "169.254.0.1 ready")),
                        "WARNING EndpointSlice default/s: endpoints[1].addresses[0]: 169.254.0.1 is a link-local"
                                + " address, the endpoint is left out; give the address at which the backend listens"),
                row(
                        "refused address of a Pod",
                        SELECTOR,
                        List.of(pod("a", 1, ip("127.0.0.1"))),
                        "WARNING Pod default/a: status.podIP: 127.0.0.1 is a loopback address, the endpoint is left"
                                + " out; give the address at which the backend listens"),
                row(
                        "malformed address of a Pod",
                        SELECTOR,
                        List.of(pod("a", 1, ip("10.244.0"))),
                        "WARNING Pod default/a: status.podIP: \"10.244.0\" is no IP address, the Pod is no endpoint"
                                + " there; set status.podIP or the annotation podlb.io/pod-ip to its address",
                        "NOTE spec.ipFamilies: no Pod has an IPv4 address, so that family has no endpoint; add one to"
                                + " status.podIPs"));
    }

    private static Arguments row(
            String name, UnaryOperator<ServiceBuilder> service, List<Sourced<?>> objects, String... expected) {
        return arguments(name, service, objects, List.of(expected));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void tells(String name, UnaryOperator<ServiceBuilder> change, List<Sourced<?>> objects, List<String> expected) {
        Sourced<Service> service = Given.service(change);
        ClusterState state = state(service, objects);
        ServicePlan plan = new ServiceTranslator(Given.NODE, Given.OPTIONS)
                .plan(service, ClusterIndex.of(state).endpointsOf(service));
        assertThat(plan.problems().stream().map(ProblemsTest::show)).containsExactlyElementsOf(expected);
    }

    @Test
    void tellsThatTheNameOfTheNodeIsNotKnown() {
        Sourced<Service> service = Given.service(spec(spec -> selector(spec).withInternalTrafficPolicy("Local")));
        ClusterState state = state(service, List.of(pod("a", 1, on("n0"))));
        ServicePlan plan = new ServiceTranslator(new NodeFacts("", null), Given.OPTIONS)
                .plan(service, ClusterIndex.of(state).endpointsOf(service));
        assertThat(plan.problems().stream().map(ProblemsTest::show))
                .containsExactly("WARNING spec.internalTrafficPolicy: Local, but the name of this node is not known, so"
                        + " no endpoint is local and clients of the cluster IP are refused; start with --node-name");
    }

    @Test
    void tellsThatTheZoneOfThisNodeIsNotKnown() {
        Sourced<Service> service =
                Given.service(spec(spec -> selector(spec).withTrafficDistribution("PreferSameZone")));
        ClusterState state = state(service, List.of(pod("a", 1, on("n1"))));
        ServicePlan plan = new ServiceTranslator(new NodeFacts("n0", null), Given.OPTIONS)
                .plan(service, ClusterIndex.of(state).endpointsOf(service));
        assertThat(plan.problems().stream().map(ProblemsTest::show))
                .containsExactly("NOTE spec.trafficDistribution: PreferSameZone has no effect here: the zone of node n0"
                        + " is not known; label every Node with topology.kubernetes.io/zone");
    }

    /** Objects that no Service looks at (kube-semantics 1.7). */
    @Test
    void tellsOfObjectsThatBelongToNoService() {
        ClusterState state = state(
                Given.service(),
                List.of(
                        slice(
                                "a",
                                slice -> slice.editMetadata()
                                        .withLabels(Map.of())
                                        .endMetadata()),
                        slice(
                                "b",
                                slice -> slice.editMetadata()
                                        .addToLabels("kubernetes.io/service-name", "wep")
                                        .endMetadata()),
                        slice(
                                "c",
                                slice -> slice.editMetadata()
                                        .addToAnnotations("podlb.io/wieght", "2")
                                        .endMetadata()),
                        pod(
                                "d",
                                1,
                                pod -> pod.editMetadata()
                                        .addToAnnotations("podlb.io/policy", "random")
                                        .endMetadata())));
        assertThat(ClusterIndex.of(state).problems().stream().map(ProblemsTest::show))
                .containsExactly(
                        "WARNING EndpointSlice default/a: metadata.labels[kubernetes.io/service-name]: is missing, so"
                                + " the slice belongs to no Service; set it to the Service's name",
                        "NOTE EndpointSlice default/b: metadata.labels[kubernetes.io/service-name]: no Service \"wep\""
                                + " in namespace default; add it, or mend the name",
                        "WARNING EndpointSlice default/c: metadata.annotations[podlb.io/wieght]: means nothing on an"
                                + " EndpointSlice; did you mean podlb.io/weight?",
                        "WARNING Pod default/d: metadata.annotations[podlb.io/policy]: means nothing on a Pod; put it"
                                + " on a Service");
    }

    private static String show(Problem problem) {
        return (problem.severity() + " " + problem.toString().replaceFirst("^web.yaml, document 1: ", ""))
                .replaceFirst("Service default/web: ", "");
    }

    private static ClusterState state(Sourced<Service> service, List<Sourced<?>> objects) {
        List<Sourced<Pod>> pods = new ArrayList<>();
        List<Sourced<EndpointSlice>> slices = new ArrayList<>();
        for (Sourced<?> object : objects) {
            HasMetadata value = object.object();
            if (value instanceof Pod pod) {
                pods.add(new Sourced<>(pod, object.origin()));
            } else if (value instanceof EndpointSlice slice) {
                slices.add(new Sourced<>(slice, object.origin()));
            } else {
                throw new IllegalArgumentException(object.title());
            }
        }
        return new ClusterState(
                List.of(service),
                pods,
                slices,
                List.of(),
                List.of(Given.sourced(Given.node("n1", Map.of("topology.kubernetes.io/zone", "zone-b")))),
                List.of());
    }

    private static ServiceSpecBuilder selector(ServiceSpecBuilder spec) {
        return spec.addToSelector("app", "web");
    }

    private static UnaryOperator<ServiceBuilder> annotated(String name) {
        return annotated(name, "2");
    }

    private static UnaryOperator<ServiceBuilder> annotated(String name, String value) {
        return service -> SELECTOR.apply(service)
                .editMetadata()
                .addToAnnotations(name, value)
                .endMetadata();
    }

    private static UnaryOperator<ServiceBuilder> balancer(String range) {
        return service -> spec(spec -> selector(spec).withType("LoadBalancer").withLoadBalancerSourceRanges(range))
                .apply(service)
                .withNewStatus()
                .withNewLoadBalancer()
                .addNewIngress()
                .withIp("203.0.113.9")
                .endIngress()
                .endLoadBalancer()
                .endStatus();
    }

    private static Sourced<Pod> bare(String name) {
        return pod(name, 1, pod -> pod.withStatus(null));
    }

    private static UnaryOperator<PodBuilder> on(String node) {
        return pod -> pod.editSpec().withNodeName(node).endSpec();
    }

    private static UnaryOperator<PodBuilder> ip(String ip) {
        return pod -> pod.editStatus().withPodIP(ip).endStatus();
    }

    private static UnaryOperator<PodBuilder> named(String port) {
        return pod -> pod.editSpec()
                .addNewContainer()
                .withPorts(new ContainerPort(8080, null, null, port, null))
                .endContainer()
                .endSpec();
    }
}
