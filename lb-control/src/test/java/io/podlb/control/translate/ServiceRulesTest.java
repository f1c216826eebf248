package io.podlb.control.translate;

import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServicePortBuilder;
import io.podlb.control.cluster.Problem;
import io.podlb.server.service.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which Services are served, in which families, with which ports (kube-semantics 1.1 to 1.6, 2.1 to 2.4, 2.15, 8.8, 18, 21). */
class ServiceRulesTest {

    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";

    static Stream<Arguments> healthCheckNodePorts() {
        return Stream.of(
                arguments("2.14 LoadBalancer, Local, a number", 31000, balanced("LoadBalancer", "Local", 31000)),
                arguments("2.14 no number", null, balanced("LoadBalancer", "Local", null)),
                arguments("2.14 zero", null, balanced("LoadBalancer", "Local", 0)),
                arguments("2.14 no port at all", null, balanced("LoadBalancer", "Local", 70000)),
                arguments("2.14 policy Cluster", null, balanced("LoadBalancer", "Cluster", 31000)),
                arguments("2.14 no policy", null, balanced("LoadBalancer", null, 31000)),
                arguments("2.14 NodePort", null, balanced("NodePort", "Local", 31000)),
                arguments("1.1 a Service of another proxy", null, (UnaryOperator<ServiceBuilder>)
                        service -> label(PROXY_NAME, "other")
                                .apply(balanced("LoadBalancer", "Local", 31000).apply(service))));
    }

    private static UnaryOperator<ServiceBuilder> balanced(String type, String policy, Integer port) {
        return spec(
                spec -> spec.withType(type).withExternalTrafficPolicy(policy).withHealthCheckNodePort(port));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("healthCheckNodePorts")
    void keepsTheHealthCheckNodePortWhereSomebodyAsksThere(
            String row, Integer expected, UnaryOperator<ServiceBuilder> change) {
        ServiceTranslator translator = new ServiceTranslator(Given.NODE, Given.OPTIONS);
        ServicePlan plan = translator.plan(Given.service(change), new ServiceEndpoints(List.of(), Map.of(), List.of()));
        assertThat(plan.healthCheckNodePort()).isEqualTo(expected);
    }

    static Stream<Arguments> unserved() {
        return Stream.of(
                arguments(
                        "1.1 label of another proxy",
                        null,
                        label(PROXY_NAME, "other"),
                        "leaves the Service to another proxy, so it is not served"),
                arguments(
                        "1.1 even with an empty value",
                        null,
                        label(PROXY_NAME, ""),
                        "leaves the Service to another proxy, so it is not served"),
                arguments(
                        "1.2 a proxy with a name leaves the unlabelled alone",
                        "mine",
                        label("a", "b"),
                        "is not \"mine\", the name of this proxy, so the Service is not served"),
                arguments(
                        "1.2 and those of others",
                        "mine",
                        label(PROXY_NAME, "other"),
                        "is not \"mine\", the name of this proxy, so the Service is not served"),
                arguments(
                        "1.3 label headless, though it has a cluster IP",
                        null,
                        label("service.kubernetes.io/headless", ""),
                        "hides the Service from proxies, so it is not served"),
                arguments(
                        "1.5 cluster IP None, node port and all",
                        null,
                        spec(spec -> spec.withType("NodePort")
                                .withClusterIP("None")
                                .withClusterIPs("None")
                                .editFirstPort()
                                .withNodePort(30080)
                                .endPort()),
                        "None makes the Service headless: clients find its Pods through DNS, no proxy serves it"),
                arguments(
                        "1.5 no cluster IP",
                        null,
                        spec(spec -> spec.withClusterIP(null)
                                .withClusterIPs(List.of())
                                .withExternalIPs("203.0.113.5")),
                        "the Service has no cluster IP, so nothing of it is served"),
                arguments(
                        "1.6 ExternalName, though it has a cluster IP",
                        null,
                        spec(spec -> spec.withType("ExternalName").withExternalName("db.example")),
                        "ExternalName is an alias in DNS for db.example, no proxy serves it"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("unserved")
    void leavesOutAndSaysWhy(String name, String proxyName, UnaryOperator<ServiceBuilder> change, String why) {
        ServicePlan plan = new ServiceTranslator(Given.NODE, named(proxyName))
                .plan(Given.service(change), Given.behind(List.of(Given.slice("web-1", "1 ready"))));
        assertThat(plan.ports()).isEmpty();
        assertThat(plan.problems()).singleElement().satisfies(problem -> {
            assertThat(problem.severity()).isEqualTo(Problem.Severity.NOTE);
            assertThat(problem.message()).isEqualTo(why);
            assertThat(problem.object()).isEqualTo("Service default/web");
        });
    }

    /** Kube-semantics 1.2, 1.4, 14.14: the slices need the label as well. */
    @Test
    void aProxyWithANameServesWhatCarriesIt() {
        ServiceTranslator translator = new ServiceTranslator(Given.NODE, named("mine"));
        var service = Given.service(label(PROXY_NAME, "mine"));
        var labelled = Given.slice(
                "web-1",
                slice -> slice.editMetadata().addToLabels(PROXY_NAME, "mine").endMetadata(),
                "1 ready");
        var unlabelled = Given.slice("web-2", "2 ready");
        ServicePlan plan = translator.plan(service, Given.behind(List.of(labelled, unlabelled)));
        assertThat(Given.addresses(Given.only(plan).cluster())).isEqualTo("10.244.0.1:8080");
        assertThat(plan.problems())
                .extracting(Problem::object, Problem::message)
                .containsExactly(tuple("EndpointSlice default/web-2", "hides the slice from this proxy"));
    }

    static Stream<Arguments> families() {
        return Stream.of(
                arguments(
                        "2.3 one of each, by position",
                        ips("10.96.0.10", "fd00:96::a"),
                        "[IPv4=10.96.0.10, IPv6=fd00:96:0:0:0:0:0:a]",
                        "IPv4,IPv6"),
                arguments(
                        "21.1 the order decides the primary",
                        ips("fd00:96::a", "10.96.0.10"),
                        "[IPv6=fd00:96:0:0:0:0:0:a, IPv4=10.96.0.10]",
                        "IPv6,IPv4"),
                arguments(
                        "2.3 no families: that of the single address",
                        ips("fd00:96::a"),
                        "[IPv6=fd00:96:0:0:0:0:0:a]",
                        ""),
                arguments(
                        "21.2 no families: implied by the addresses",
                        ips("10.96.0.10", "fd00:96::a"),
                        "[IPv4=10.96.0.10, IPv6=fd00:96:0:0:0:0:0:a]",
                        ""),
                arguments("2.4 family without cluster IP", ips("10.96.0.10"), "[IPv4=10.96.0.10]", "IPv4,IPv6"),
                arguments("2.3 address in the place of the other family", ips("10.96.0.10"), "[]", "IPv6"),
                arguments(
                        "18.6 clusterIP alone",
                        spec(spec -> spec.withClusterIPs(List.of())),
                        "[IPv4=10.96.0.10]",
                        "IPv4"),
                arguments("malformed address", ips("nonsense"), "[]", "IPv4"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("families")
    void existsInTheFamiliesOfItsClusterIps(
            String name, UnaryOperator<ServiceBuilder> change, String expected, String families) {
        ServicePlan plan = Given.plan(
                Given.service(service -> change.apply(service)
                        .editSpec()
                        .withIpFamilies(families.isEmpty() ? List.of() : List.of(families.split(",")))
                        .editFirstPort()
                        .withNodePort(30080)
                        .endPort()
                        .endSpec()),
                List.of());
        assertThat(plan.ports().stream()
                        .flatMap(port -> port.families().stream())
                        .map(family -> family.name().family().kubernetesName() + "="
                                + family.frontends().get(0).address().getHostAddress())
                        .toList())
                .hasToString(expected);
        // 2.4: a family that does not exist has no node port either; 21.4: the number is shared by those that do
        plan.ports().stream()
                .flatMap(port -> port.families().stream())
                .forEach(family -> assertThat(family.frontends())
                        .extracting(FrontendPlan::port)
                        .containsExactly(80, 30080));
    }

    /** Kube-semantics 21.4, 21.5. */
    @Test
    void theTwoFamiliesAreIndependent() {
        var v6 = Given.slice("web-6", slice -> slice.withAddressType("IPv6"), "fd00:244::1 terminating");
        ServicePlan plan = Given.plan(
                Given.service(service -> ips("10.96.0.10", "fd00:96::a")
                        .apply(service)
                        .editSpec()
                        .withIpFamilies("IPv4", "IPv6")
                        .endSpec()),
                List.of(Given.slice("web-4", "1 ready for:zone-a", "2 ready for:zone-b"), v6));
        List<FamilyPlan> families = plan.ports().get(0).families();
        assertThat(Given.addresses(families.get(0).cluster())).isEqualTo("10.244.0.1:8080");
        assertThat(families.get(0).topology()).isEqualTo(Topology.ZONE);
        assertThat(Given.addresses(families.get(1).cluster())).isEqualTo("[fd00:244:0:0:0:0:0:1]:8080");
        assertThat(families.get(1).topology()).isEqualTo(Topology.NONE);
    }

    /** Kube-semantics 2.1: namespace, name, port name and protocol are the key, and a port without name has the name "". */
    @Test
    void readsPortsWithTheirDefaults() {
        ServicePlan plan = Given.plan(
                Given.service(ports(
                        port("http", null, 80, new IntOrString("web")),
                        port("dns", "UDP", 53, new IntOrString(5353)),
                        port("dns", "TCP", 53, null),
                        port("sig", "SCTP", 9, new IntOrString(0)))),
                List.of());
        assertThat(plan.ports())
                .extracting(
                        PortPlan::name, PortPlan::protocol, PortPlan::port, PortPlan::targetPort, PortPlan::nodePort)
                .containsExactly(
                        tuple("http", Protocol.TCP, 80, "web", null),
                        tuple("dns", Protocol.UDP, 53, "5353", null),
                        tuple("dns", Protocol.TCP, 53, "53", null),
                        tuple("sig", Protocol.SCTP, 9, "9", null));
    }

    /** Kube-semantics 6.10, 2.1: TCP and UDP share every address and number of a Service, and each has endpoints of its own. */
    @Test
    void aBalancerMayHaveBothProtocols() {
        ServicePlan plan = Given.plan(
                Given.service(service -> ports(port("dns", "UDP", 53, null), port("dns", "TCP", 53, null))
                        .apply(service)
                        .editSpec()
                        .withType("LoadBalancer")
                        .editMatchingPort(port -> "UDP".equals(port.getProtocol()))
                        .withNodePort(30053)
                        .endPort()
                        .editMatchingPort(port -> "TCP".equals(port.getProtocol()))
                        .withNodePort(30053)
                        .endPort()
                        .endSpec()
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("203.0.113.9")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()),
                List.of(Given.slice(
                        "web-1",
                        slice -> slice.editFirstPort()
                                .withName("dns")
                                .withProtocol("UDP")
                                .endPort(),
                        "1 ready")));
        assertThat(plan.ports())
                .extracting(
                        PortPlan::protocol,
                        port -> port.families().get(0).frontends().stream()
                                .map(frontend -> frontend.shown() + " "
                                        + frontend.verdict().label())
                                .toList()
                                .toString())
                .containsExactly(
                        tuple(Protocol.UDP, "[10.96.0.10:53 forward, 203.0.113.9:53 forward, *:30053 forward]"),
                        tuple(Protocol.TCP, "[10.96.0.10:53 reject, 203.0.113.9:53 reject, *:30053 reject]"));
    }

    /** One bad port never stops the others. */
    @Test
    void leavesOutAPortThatMakesNoSense() {
        ServicePlan plan = Given.plan(
                Given.service(ports(
                        port("a", "TCP", 80, null),
                        port("a", "TCP", 81, null),
                        port("b", "QUIC", 82, null),
                        port("c", "TCP", 70000, null),
                        port("d", "TCP", null, null))),
                List.of());
        assertThat(plan.ports()).extracting(PortPlan::port).containsExactly(80);
        assertThat(plan.problems())
                .filteredOn(problem -> problem.severity() == Problem.Severity.ERROR)
                .extracting(Problem::field)
                .containsExactly(
                        "spec.ports[1].name", "spec.ports[2].protocol", "spec.ports[3].port", "spec.ports[4].port");
    }

    static Stream<Arguments> affinities() {
        return Stream.of(
                arguments("18.1 none", "None", null, null),
                arguments("18.1 nothing said", null, null, null),
                arguments("2.15 seconds without ClientIP", "None", 60, null),
                arguments("18.2, 8.8 default", "ClientIP", null, 10_800),
                arguments("8.8 as given", "ClientIP", 60, 60),
                arguments("8.8 at most a day", "ClientIP", 86_400, 86_400),
                arguments("8.8 out of range", "ClientIP", 86_401, 10_800),
                arguments("8.8 not positive", "ClientIP", 0, 10_800));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("affinities")
    void readsSessionAffinity(String name, String affinity, Integer seconds, Integer expected) {
        ServicePlan plan = Given.plan(
                Given.service(spec(spec -> {
                    spec.withSessionAffinity(affinity);
                    return seconds == null
                            ? spec
                            : spec.withNewSessionAffinityConfig()
                                    .withNewClientIP()
                                    .withTimeoutSeconds(seconds)
                                    .endClientIP()
                                    .endSessionAffinityConfig();
                })),
                List.of());
        assertThat(Given.only(plan).affinityTimeout())
                .isEqualTo(expected == null ? null : Duration.ofSeconds(expected));
    }

    static Stream<Arguments> policies() {
        return Stream.of(
                arguments("none named", null, "random", null),
                arguments("a known one", "round-robin", "round-robin", null),
                arguments(
                        "near to a known one",
                        "roundrobin",
                        "random",
                        "\"roundrobin\" is no policy, random is used; did you mean round-robin? choose one of random,"
                                + " round-robin"),
                arguments(
                        "far from all",
                        "best",
                        "random",
                        "\"best\" is no policy, random is used; choose one of random, round-robin"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("policies")
    void readsThePolicyAnnotation(String name, String value, String expected, String problem) {
        ServicePlan plan = Given.plan(
                Given.service(service -> value == null
                        ? service
                        : service.editMetadata()
                                .addToAnnotations("podlb.io/policy", value)
                                .endMetadata()),
                List.of());
        assertThat(Given.only(plan).policy()).isEqualTo(expected);
        assertThat(plan.problems().stream().map(Problem::toString).toList())
                .isEqualTo(
                        problem == null
                                ? List.of()
                                : List.of("web.yaml, document 1: Service default/web:"
                                        + " metadata.annotations[podlb.io/policy]: " + problem));
    }

    private static UnaryOperator<ServiceBuilder> label(String name, String value) {
        return service -> service.editMetadata().addToLabels(name, value).endMetadata();
    }

    private static UnaryOperator<ServiceBuilder> ips(String... ips) {
        return spec(spec -> spec.withClusterIP(ips[0]).withClusterIPs(ips));
    }

    private static UnaryOperator<ServiceBuilder> ports(ServicePort... ports) {
        return spec(spec -> spec.withPorts(ports));
    }

    private static ServicePort port(String name, String protocol, Integer number, IntOrString target) {
        return new ServicePortBuilder()
                .withName(name)
                .withProtocol(protocol)
                .withPort(number)
                .withTargetPort(target)
                .build();
    }

    private static TranslateOptions named(String proxyName) {
        return new TranslateOptions("random", Given.OPTIONS.policies(), false, proxyName);
    }
}
