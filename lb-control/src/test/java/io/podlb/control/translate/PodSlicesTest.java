package io.podlb.control.translate;

import static io.podlb.control.translate.Given.pod;
import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.ServiceSpecBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Sourced;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Slices from selectors and Pods (kube-semantics 14, 15). */
class PodSlicesTest {

    private static final Map<String, String> ZONES = Map.of("n0", "zone-a", "n1", "zone-b");

    private static final UnaryOperator<ServiceBuilder> SELECTOR = spec(PodSlicesTest::selector);
    private static final UnaryOperator<ServiceBuilder> PUBLISHED =
            spec(spec -> selector(spec).withPublishNotReadyAddresses(true));
    private static final UnaryOperator<ServiceBuilder> NAMED = spec(spec -> selector(spec)
            .editFirstPort()
            .withTargetPort(new IntOrString("http"))
            .endPort());

    static Stream<Arguments> rows() {
        return Stream.of(
                row("14.1 no selector", same -> same, "", pod("a", 1)),
                row("14.1 ExternalName", spec(spec -> selector(spec).withType("ExternalName")), "", pod("a", 1)),
                row(
                        "14.2 every pair of the selector",
                        spec(spec -> spec.withSelector(Map.of("app", "web", "tier", "x"))),
                        "IPv4 []",
                        pod("a", 1)),
                row(
                        "14.2 more labels do not harm",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving",
                        pod("a", 1, label("tier", "x"))),
                row("14.3 phase Succeeded", SELECTOR, "IPv4 []", pod("a", 1, phase("Succeeded"))),
                row("14.3 phase Failed, though published", PUBLISHED, "IPv4 []", pod("a", 1, phase("Failed"))),
                row("14.3 no address yet", SELECTOR, "IPv4 []", pod("a", 1, pod -> pod.withStatus(null))),
                row(
                        "14.17 no phase, no condition: running and ready",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving",
                        pod("a", 1)),
                row(
                        "14.17 Pending without condition: not ready",
                        SELECTOR,
                        "IPv4 [80] 1",
                        pod("a", 1, phase("Pending"))),
                row(
                        "14.17 address from the annotation",
                        SELECTOR,
                        "IPv4 [80] 7 ready serving",
                        pod(
                                "a",
                                1,
                                pod -> pod.withStatus(null)
                                        .editMetadata()
                                        .addToAnnotations("podlb.io/pod-ip", "10.244.0.7")
                                        .endMetadata())),
                row(
                        "14.17 status before annotation",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving",
                        pod(
                                "a",
                                1,
                                pod -> pod.editMetadata()
                                        .addToAnnotations("podlb.io/pod-ip", "10.244.0.7")
                                        .endMetadata())),
                row("14.4 condition Ready False", SELECTOR, "IPv4 [80] 1", pod("a", 1, ready("False"))),
                row("14.4 condition Ready Unknown", SELECTOR, "IPv4 [80] 1", pod("a", 1, ready("Unknown"))),
                row("14.4 terminating", SELECTOR, "IPv4 [80] 1 serving terminating", pod("a", 1, deleted())),
                row(
                        "14.4 terminating, not ready",
                        SELECTOR,
                        "IPv4 [80] 1 terminating",
                        pod("a", 1, pod -> deleted().apply(ready("False").apply(pod)))),
                row("14.4 published, not ready", PUBLISHED, "IPv4 [80] 1 ready", pod("a", 1, ready("False"))),
                row(
                        "14.4 published, terminating",
                        PUBLISHED,
                        "IPv4 [80] 1 ready serving terminating",
                        pod("a", 1, deleted())),
                row("14.5 node and zone", SELECTOR, "IPv4 [80] 1 ready serving n1 zone-b", pod("a", 1, on("n1"))),
                row(
                        "14.5 relaxed: no Node object, no zone",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving n9",
                        pod("a", 1, on("n9"))),
                row(
                        "14.7 two on one address stay two",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving, 1 ready serving",
                        pod("a", 1),
                        pod("b", 1)),
                row(
                        "14.6 addresses by family",
                        dual(),
                        "IPv4 [80] 1 ready serving | IPv6 [80] fd00:0:0:0:0:0:0:1 ready serving",
                        pod("a", 1, ips("10.244.0.1", "fd00::1"))),
                row("14.6, 14.15 none of one family", dual(), "IPv4 [80] 1 ready serving | IPv6 []", pod("a", 1)),
                row(
                        "14.6 no families: those of the cluster IP",
                        spec(spec -> selector(spec).withIpFamilies(List.of())),
                        "IPv4 [80] 1 ready serving",
                        pod("a", 1, ips("10.244.0.1", "fd00::1"))),
                row(
                        "14.6 headless without families: both",
                        spec(spec -> selector(spec)
                                .withIpFamilies(List.of())
                                .withClusterIPs("None")
                                .withClusterIP("None")),
                        "IPv4 [80] 1 ready serving | IPv6 []",
                        pod("a", 1)),
                row(
                        "14.8 a number needs no container",
                        spec(spec -> selector(spec)
                                .editFirstPort()
                                .withTargetPort(new IntOrString(9))
                                .endPort()),
                        "IPv4 [9] 1 ready serving",
                        pod("a", 1)),
                row(
                        "14.8 a name: the first container port of that name",
                        NAMED,
                        "IPv4 [8001] 1 ready serving",
                        pod("a", 1, containers("x:1 http:8001", "http:8002"))),
                row(
                        "14.8 protocol must agree",
                        NAMED,
                        "IPv4 [8002] 1 ready serving",
                        pod("a", 1, containers("http:8001/UDP", "http:8002"))),
                row(
                        "14.8 an init container that keeps running",
                        NAMED,
                        "IPv4 [8003] 1 ready serving",
                        pod("a", 1, init("Always", 8003))),
                row(
                        "14.8 containers before init containers",
                        NAMED,
                        "IPv4 [8001] 1 ready serving",
                        pod(
                                "a",
                                1,
                                pod -> init("Always", 8003)
                                        .apply(containers("http:8001").apply(pod)))),
                row(
                        "14.8 other init containers never; 14.10 no port resolves",
                        NAMED,
                        "IPv4 [] 1 ready serving",
                        pod("a", 1, init(null, 8003))),
                row(
                        "14.8 one port left out, the others stay",
                        spec(spec -> selector(spec)
                                .editFirstPort()
                                .withName("a")
                                .withTargetPort(new IntOrString("http"))
                                .endPort()
                                .addNewPort()
                                .withName("b")
                                .withPort(81)
                                .endPort()),
                        "IPv4 [81] 1 ready serving",
                        pod("a", 1)),
                row(
                        "14.9 grouped by resolved ports",
                        NAMED,
                        "IPv4 [1] 1 ready serving, 3 ready serving | IPv4 [2] 2 ready serving",
                        pod("a", 1, containers("http:1")),
                        pod("b", 2, containers("http:2")),
                        pod("c", 3, containers("http:1"))),
                row(
                        "14.12 headless without ports",
                        spec(spec -> selector(spec)
                                .withClusterIPs("None")
                                .withClusterIP("None")
                                .withPorts(List.of())),
                        "IPv4 [] 1 ready serving",
                        pod("a", 1)),
                row("14.15 a placeholder", SELECTOR, "IPv4 []"),
                row(
                        "15.1 PreferSameZone",
                        distribution("PreferSameZone"),
                        "IPv4 [80] 1 ready serving n0 zone-a for:zone-a, 2 ready serving n1 zone-b for:zone-b",
                        pod("a", 1, on("n0")),
                        pod("b", 2, on("n1"))),
                row(
                        "15.2 PreferClose is the same",
                        distribution("PreferClose"),
                        "IPv4 [80] 1 ready serving n0 zone-a for:zone-a",
                        pod("a", 1, on("n0"))),
                row(
                        "15.1 PreferSameNode",
                        distribution("PreferSameNode"),
                        "IPv4 [80] 1 ready serving n0 zone-a for:zone-a on:n0",
                        pod("a", 1, on("n0"))),
                row(
                        "15.1 no zone, no hint",
                        distribution("PreferSameZone"),
                        "IPv4 [80] 1 ready serving n9",
                        pod("a", 1, on("n9"))),
                row(
                        "15.1 no zone, node hint alone",
                        distribution("PreferSameNode"),
                        "IPv4 [80] 1 ready serving n9 on:n9",
                        pod("a", 1, on("n9"))),
                row(
                        "15.1 unready ones get none",
                        distribution("PreferSameNode"),
                        "IPv4 [80] 1 n0 zone-a",
                        pod("a", 1, pod -> on("n0").apply(ready("False").apply(pod)))),
                row(
                        "15.4 nothing asked, no hints",
                        SELECTOR,
                        "IPv4 [80] 1 ready serving n0 zone-a",
                        pod("a", 1, on("n0"))),
                row(
                        "15.3 topology-mode comes before trafficDistribution",
                        annotated("service.kubernetes.io/topology-mode", "Auto"),
                        "IPv4 [80] 1 ready serving n0 zone-a",
                        pod("a", 1, on("n0"))),
                row(
                        "15.3 other values do not count",
                        annotated("service.kubernetes.io/topology-mode", "Disabled"),
                        "IPv4 [80] 1 ready serving n0 zone-a for:zone-a",
                        pod("a", 1, on("n0"))),
                row(
                        "15.3 the older annotation wins",
                        service -> annotated("service.kubernetes.io/topology-mode", "Auto")
                                .apply(annotated("service.kubernetes.io/topology-aware-hints", "disabled")
                                        .apply(service)),
                        "IPv4 [80] 1 ready serving n0 zone-a for:zone-a",
                        pod("a", 1, on("n0"))));
    }

    private static Arguments row(
            String name, UnaryOperator<ServiceBuilder> service, String expected, Sourced<?>... pods) {
        return arguments(name, service, expected, List.of(pods));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void makesSlicesFromPods(
            String name, UnaryOperator<ServiceBuilder> service, String expected, List<Sourced<Pod>> pods) {
        ServiceEndpoints made =
                EndpointSlices.of(Given.service(service), Given.byName(pods), List.of(), List.of(), ZONES);
        assertThat(Given.shown(made)).isEqualTo(expected);
    }

    /** Kube-semantics 14.11, 14.14, and what {@code explain} needs to name the Pod. */
    @Test
    void slicesNameTheirServiceAndTheirPods() {
        Sourced<Service> service = Given.service(builder -> SELECTOR.apply(builder)
                .editMetadata()
                .addToLabels("team", "blue")
                .addToLabels("service.kubernetes.io/headless", "")
                .addToLabels("service.kubernetes.io/service-proxy-name", "mine")
                .addToLabels("kubernetes.io/service-name", "lie")
                .endMetadata()
                .editSpec()
                .editFirstPort()
                .withAppProtocol("kubernetes.io/h2c")
                .endPort()
                .endSpec());
        EndpointSlice slice = EndpointSlices.of(
                        service, Given.byName(List.of(pod("a", 1))), List.of(), List.of(), ZONES)
                .slices()
                .get(0)
                .object();
        assertThat(slice.getMetadata().getNamespace()).isEqualTo("default");
        assertThat(slice.getMetadata().getLabels())
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "team", "blue",
                        "service.kubernetes.io/service-proxy-name", "mine",
                        "kubernetes.io/service-name", "web",
                        "endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io"));
        assertThat(slice.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEmpty();
            assertThat(port.getProtocol()).isEqualTo("TCP");
            assertThat(port.getAppProtocol()).isEqualTo("kubernetes.io/h2c");
        });
        assertThat(slice.getEndpoints()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.getTargetRef().getKind()).isEqualTo("Pod");
            assertThat(endpoint.getTargetRef().getName()).isEqualTo("a");
        });
    }

    @Test
    void headlessServicesHaveHeadlessSlices() {
        Sourced<Service> service =
                Given.service(spec(spec -> selector(spec).withClusterIP("None").withClusterIPs("None")));
        assertThat(EndpointSlices.of(service, Given.byName(List.of(pod("a", 1))), List.of(), List.of(), ZONES)
                        .slices())
                .allSatisfy(slice -> assertThat(slice.object().getMetadata().getLabels())
                        .containsEntry("service.kubernetes.io/headless", ""));
    }

    private static ServiceSpecBuilder selector(ServiceSpecBuilder spec) {
        return spec.addToSelector("app", "web");
    }

    private static UnaryOperator<ServiceBuilder> dual() {
        return spec(spec -> selector(spec).withIpFamilies("IPv4", "IPv6").withClusterIPs("10.96.0.10", "fd00:96::1"));
    }

    private static UnaryOperator<ServiceBuilder> distribution(String value) {
        return spec(spec -> selector(spec).withTrafficDistribution(value));
    }

    private static UnaryOperator<ServiceBuilder> annotated(String name, String value) {
        return service -> distribution("PreferSameZone")
                .apply(service)
                .editMetadata()
                .addToAnnotations(name, value)
                .endMetadata();
    }

    private static UnaryOperator<PodBuilder> label(String name, String value) {
        return pod -> pod.editMetadata().addToLabels(name, value).endMetadata();
    }

    private static UnaryOperator<PodBuilder> phase(String phase) {
        return pod -> pod.editStatus().withPhase(phase).endStatus();
    }

    private static UnaryOperator<PodBuilder> ready(String status) {
        return pod -> pod.editStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(status)
                .endCondition()
                .endStatus();
    }

    private static UnaryOperator<PodBuilder> deleted() {
        return pod ->
                pod.editMetadata().withDeletionTimestamp("2026-01-01T00:00:00Z").endMetadata();
    }

    private static UnaryOperator<PodBuilder> on(String node) {
        return pod -> pod.editSpec().withNodeName(node).endSpec();
    }

    private static UnaryOperator<PodBuilder> ips(String... ips) {
        return pod -> {
            for (String ip : ips) {
                pod.editStatus().addNewPodIP(ip).endStatus();
            }
            return pod;
        };
    }

    /** One word per container, ports as {@code name:number/PROTOCOL} separated by blanks. */
    private static UnaryOperator<PodBuilder> containers(String... containers) {
        return pod -> {
            for (String container : containers) {
                pod.editSpec()
                        .addNewContainer()
                        .withPorts(Stream.of(container.split(" "))
                                .map(port -> port.split("[:/]"))
                                .map(parts -> new ContainerPortBuilder()
                                        .withName(parts[0])
                                        .withContainerPort(Integer.valueOf(parts[1]))
                                        .withProtocol(parts.length > 2 ? parts[2] : null)
                                        .build())
                                .toList())
                        .endContainer()
                        .endSpec();
            }
            return pod;
        };
    }

    private static UnaryOperator<PodBuilder> init(String restartPolicy, int port) {
        return pod -> pod.editSpec()
                .addNewInitContainer()
                .withRestartPolicy(restartPolicy)
                .addNewPort()
                .withName("http")
                .withContainerPort(port)
                .endPort()
                .endInitContainer()
                .endSpec();
    }
}
