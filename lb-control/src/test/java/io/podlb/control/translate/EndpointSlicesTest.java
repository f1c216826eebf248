package io.podlb.control.translate;

import static io.podlb.control.translate.Given.pod;
import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Endpoints;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Slices that were made by hand, and those made of Endpoints (kube-semantics 1.8, 1.10, 3.3). */
class EndpointSlicesTest {

    private static final UnaryOperator<ServiceBuilder> SELECTOR = spec(spec -> spec.addToSelector("app", "web"));

    /** Kube-semantics 1.8: foreign slices are merged with generated ones. */
    @Test
    void handMadeSlicesCountBesideTheSelector() {
        ServiceEndpoints made = EndpointSlices.of(
                Given.service(SELECTOR),
                Given.byName(List.of(pod("a", 1))),
                List.of(Given.slice("mine", "2 ready")),
                List.of(),
                Map.of());
        assertThat(Given.shown(made)).isEqualTo("IPv4 [80] 1 ready serving | IPv4 [8080] 2 ready serving");
    }

    /** A dump of a cluster has both, and after an edit of the Pods the old slice would contradict the new one. */
    @Test
    void slicesOfTheControllerGiveWayToNewOnesWhereThereArePods() {
        var stale = Given.slice(
                "web-x7k",
                slice -> slice.editMetadata()
                        .addToLabels("endpointslice.kubernetes.io/managed-by", "endpointslice-controller.k8s.io")
                        .endMetadata(),
                "2 ready");
        ServiceEndpoints withPods = EndpointSlices.of(
                Given.service(SELECTOR), Given.byName(List.of(pod("a", 1))), List.of(stale), List.of(), Map.of());
        assertThat(Given.shown(withPods)).isEqualTo("IPv4 [80] 1 ready serving");
        assertThat(withPods.problems()).extracting(Problem::object).containsExactly("EndpointSlice default/web-x7k");

        ServiceEndpoints withoutPods =
                EndpointSlices.of(Given.service(SELECTOR), Map.of(), List.of(stale), List.of(), Map.of());
        assertThat(Given.shown(withoutPods)).isEqualTo("IPv4 [] | IPv4 [8080] 2 ready serving");
    }

    /** The API server's default, without which a hand-made slice that names no port would be dead (3.3). */
    @Test
    void aSlicePortWithoutNameIsTheUnnamedOne() {
        var slice = Given.slice(
                "mine", builder -> builder.editFirstPort().withName(null).endPort(), "1 ready");
        ServiceEndpoints made = EndpointSlices.of(Given.service(), Map.of(), List.of(slice), List.of(), Map.of());
        assertThat(Given.addresses(
                        Given.only(Given.plan(Given.service(), made.slices())).cluster()))
                .isEqualTo("10.244.0.1:8080");
        assertThat(slice.object().getPorts().get(0).getName())
                .as("the object read is not changed")
                .isNull();
    }

    static Stream<Arguments> mirrors() {
        return Stream.of(
                arguments("1.10 ready and not ready", "IPv4 [8080] 1 ready n0, 2", endpoints(same -> same), false),
                arguments(
                        "1.10 one per family",
                        "IPv4 [8080] 1 ready n0, 2 | IPv6 [8080] fd00::1 ready",
                        endpoints(made -> made.editFirstSubset()
                                .addNewAddress()
                                .withIp("fd00::1")
                                .endAddress()
                                .endSubset()),
                        false),
                arguments(
                        "1.10 one per subset",
                        "IPv4 [8080] 1 ready n0, 2 | IPv4 [9] 1 ready",
                        endpoints(made -> made.addNewSubset()
                                .addNewAddress()
                                .withIp("10.244.0.1")
                                .endAddress()
                                .addNewPort()
                                .withPort(9)
                                .endPort()
                                .endSubset()),
                        false),
                arguments(
                        "1.10 skip-mirror",
                        "",
                        endpoints(made -> made.editMetadata()
                                .addToLabels("endpointslice.kubernetes.io/skip-mirror", "true")
                                .endMetadata()),
                        false),
                arguments(
                        "1.10 skip-mirror of another value",
                        "IPv4 [8080] 1 ready n0, 2",
                        endpoints(made -> made.editMetadata()
                                .addToLabels("endpointslice.kubernetes.io/skip-mirror", "no")
                                .endMetadata()),
                        false),
                arguments("1.10 not for a Service with selector", "IPv4 []", endpoints(same -> same), true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mirrors")
    void mirrorsEndpoints(String name, String expected, Sourced<Endpoints> endpoints, boolean selector) {
        ServiceEndpoints made = EndpointSlices.of(
                selector ? Given.service(SELECTOR) : Given.service(),
                Map.of(),
                List.of(),
                List.of(endpoints),
                Map.of());
        assertThat(Given.shown(made)).isEqualTo(expected);
    }

    @Test
    void mirroredEndpointsAreServedWithTheirWeight() {
        Sourced<Endpoints> endpoints = endpoints(made ->
                made.editMetadata().addToAnnotations("podlb.io/weight", "5").endMetadata());
        ServiceEndpoints made = EndpointSlices.of(Given.service(), Map.of(), List.of(), List.of(endpoints), Map.of());
        FamilyPlan plan = Given.only(Given.plan(Given.service(), made.slices()));
        assertThat(Given.addresses(plan.cluster())).isEqualTo("10.244.0.1:8080");
        assertThat(plan.endpoints()).extracting(EndpointPlan::weight).containsExactly(5, 5);
    }

    @Test
    void slicesOfTheMirroringControllerGiveWayToNewOnesWhereThereAreEndpoints() {
        var stale = Given.slice(
                "web-x7k",
                slice -> slice.editMetadata()
                        .addToLabels(
                                "endpointslice.kubernetes.io/managed-by", "endpointslicemirroring-controller.k8s.io")
                        .endMetadata(),
                "9 ready");
        ServiceEndpoints mirrored = EndpointSlices.of(
                Given.service(), Map.of(), List.of(stale), List.of(endpoints(same -> same)), Map.of());
        assertThat(Given.shown(mirrored)).isEqualTo("IPv4 [8080] 1 ready n0, 2");

        ServiceEndpoints alone = EndpointSlices.of(Given.service(), Map.of(), List.of(stale), List.of(), Map.of());
        assertThat(Given.shown(alone)).isEqualTo("IPv4 [8080] 9 ready serving");
    }

    private static Sourced<Endpoints> endpoints(UnaryOperator<EndpointsBuilder> change) {
        return Given.sourced(change.apply(new EndpointsBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("web")
                        .endMetadata()
                        .addNewSubset()
                        .addNewAddress()
                        .withIp("10.244.0.1")
                        .withNodeName("n0")
                        .endAddress()
                        .addNewNotReadyAddress()
                        .withIp("10.244.0.2")
                        .endNotReadyAddress()
                        .addNewPort()
                        .withPort(8080)
                        .endPort()
                        .endSubset())
                .build());
    }
}
