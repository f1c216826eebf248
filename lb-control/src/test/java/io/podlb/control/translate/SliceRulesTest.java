package io.podlb.control.translate;

import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointPort;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
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

/** What of the slices becomes an endpoint (kube-semantics 1.7 to 1.9, 2.2, 3.2 to 3.12, 5.12, 5.13, 22). */
class SliceRulesTest {

    private static final UnaryOperator<EndpointSliceBuilder> SAME = slice -> slice;

    static Stream<Arguments> rows() {
        return Stream.of(
                row("one slice", "10.244.0.1:8080", Given.slice("a", "1 ready")),
                row(
                        "3.2 joined",
                        "10.244.0.1:8080 10.244.0.2:8080",
                        Given.slice("b", "2 ready"),
                        Given.slice("a", "1 ready")),
                row(
                        "3.10 in two slices: once",
                        "10.244.0.1:8080",
                        Given.slice("b", "1 ready"),
                        Given.slice("a", "1 ready")),
                row(
                        "3.9, 3.10, 22 in three slices under contradicting conditions: once",
                        "10.244.0.1:8080",
                        Given.slice("b", "1 gone"),
                        Given.slice("a", "1 ready"),
                        Given.slice("c", "1 terminating")),
                row(
                        "3.8, 22 one IP, two numbers",
                        "10.244.0.1:8080 10.244.0.1:8081",
                        Given.slice("a", "1 ready"),
                        Given.slice("b", port("", "TCP", 8081), "1 ready")),
                row(
                        "3.4 every port of the slice",
                        "10.244.0.1:8080 10.244.0.1:8081",
                        Given.slice(
                                "a",
                                slice -> slice.addNewPort()
                                        .withName("")
                                        .withPort(8081)
                                        .endPort(),
                                "1 ready")),
                row("2.2 another port name", "", Given.slice("a", port("http", "TCP", 8080), "1 ready")),
                row("2.2 another protocol", "", Given.slice("a", port("", "UDP", 8080), "1 ready")),
                row("2.2 the number is irrelevant", "10.244.0.1:9", Given.slice("a", port("", "TCP", 9), "1 ready")),
                row("3.3 no port name", "", Given.slice("a", port(null, "TCP", 8080), "1 ready")),
                row("3.3 no number", "", Given.slice("a", port("", "TCP", null), "1 ready")),
                row("3.3 number 0", "", Given.slice("a", port("", "TCP", 0), "1 ready")),
                row(
                        "3.3 other ports still count",
                        "10.244.0.1:8080",
                        Given.slice(
                                "a", slice -> slice.addNewPort().withPort(8081).endPort(), "1 ready")),
                row("3.12 no endpoints", "", Given.slice("a")),
                row("3.12 no ports", "", Given.slice("a", slice -> slice.withPorts(List.of()), "1 ready")),
                row(
                        "3.12 null lists",
                        "",
                        Given.slice(
                                "a",
                                slice -> slice.withPorts((List<EndpointPort>) null)
                                        .withEndpoints((List<Endpoint>) null))),
                row(
                        "3.5 only the first address",
                        "10.244.0.1:8080",
                        Given.slice(
                                "a",
                                slice -> slice.addToEndpoints(new EndpointBuilder()
                                        .withAddresses("10.244.0.1", "10.244.0.2")
                                        .build()))),
                row(
                        "3.5 no address",
                        "",
                        Given.slice("a", slice -> slice.addToEndpoints(new EndpointBuilder().build()))),
                row(
                        "3.5 read leniently, compared canonically",
                        "10.244.0.1:8080",
                        Given.slice("a", "010.244.000.001 ready", "1 ready")),
                row("not an address", "10.244.0.2:8080", Given.slice("a", "nonsense ready", "2 ready")),
                row("1.9 address type FQDN", "", Given.slice("a", slice -> slice.withAddressType("FQDN"), "1 ready")),
                row(
                        "1.9 address type of the other family",
                        "",
                        Given.slice("a", slice -> slice.withAddressType("IPv6"), "fd00::1 ready")),
                row("1.9 address of the other family", "", Given.slice("a", "fd00::1 ready")),
                row("1.7 no label", "", Given.slice("a", service(null), "1 ready")),
                row("1.7 empty label", "", Given.slice("a", service(""), "1 ready")),
                row("1.7 label of another Service", "", Given.slice("a", service("other"), "1 ready")),
                row(
                        "1.8 another namespace",
                        "",
                        Given.slice(
                                "a",
                                slice -> slice.editMetadata()
                                        .withNamespace("other")
                                        .endMetadata(),
                                "1 ready")),
                row(
                        "1.8 managed-by and name do not matter",
                        "10.244.0.1:8080",
                        Given.slice(
                                "x",
                                slice -> slice.editMetadata()
                                        .addToLabels("endpointslice.kubernetes.io/managed-by", "me")
                                        .endMetadata(),
                                "1 ready")),
                row(
                        "1.1 slice of another proxy",
                        "",
                        Given.slice("a", label("service.kubernetes.io/service-proxy-name", ""), "1 ready")),
                row(
                        "1.3 slice with label headless",
                        "",
                        Given.slice("a", label("service.kubernetes.io/headless", ""), "1 ready")),
                row("loopback is refused", "", Given.slice("a", "127.0.0.1 ready")),
                row("link-local is refused", "", Given.slice("a", "169.254.1.1 ready")),
                row("multicast is refused", "", Given.slice("a", "224.0.0.1 ready")),
                row("unspecified is refused", "", Given.slice("a", "0.0.0.0 ready")));
    }

    private static Arguments row(String name, String expected, Sourced<?>... slices) {
        return arguments(name, expected, List.of(slices));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void makesEndpointsOfSlices(String name, String expected, List<Sourced<EndpointSlice>> slices) {
        ServicePlan plan = Given.plan(Given.service(), slices);
        assertThat(Given.addresses(Given.only(plan).endpoints())).isEqualTo(expected);
    }

    static Stream<Arguments> labs() {
        return Stream.of(
                arguments("loopback", "IPv4", "127.0.0.1 ready", true),
                arguments("loopback of IPv6", "IPv6", "::1 ready", true),
                arguments("link-local", "IPv4", "169.254.1.1 ready", false),
                arguments("link-local of IPv6", "IPv6", "fe80::1 ready", false),
                arguments("multicast of IPv6", "IPv6", "ff02::1 ready", false),
                arguments("unspecified of IPv6", "IPv6", ":: ready", false));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("labs")
    void aLabMayHaveLoopbackEndpointsAndNothingMore(String name, String family, String endpoint, boolean accepted) {
        TranslateOptions lab = new TranslateOptions("random", Given.OPTIONS.policies(), true, null);
        ServicePlan plan = new ServiceTranslator(Given.NODE, lab)
                .plan(
                        Given.service(spec(spec -> family.equals("IPv6")
                                ? spec.withClusterIPs("fd00:96::1").withIpFamilies("IPv6")
                                : spec)),
                        Given.behind(List.of(Given.slice("a", slice -> slice.withAddressType(family), endpoint))));
        assertThat(Given.only(plan).cluster()).hasSize(accepted ? 1 : 0);
        assertThat(plan.problems()).hasSize(accepted ? 0 : 1);
    }

    /** Kube-semantics 2.2, 3.2, 3.8: several ports over several slices, each with addresses and numbers of its own. */
    @Test
    void aServiceMayHaveSeveralPortsOverSeveralSlices() {
        ServicePlan plan = Given.plan(
                Given.service(spec(spec -> spec.editFirstPort()
                        .withName("http")
                        .endPort()
                        .addNewPort()
                        .withName("admin")
                        .withPort(81)
                        .endPort())),
                List.of(
                        Given.slice("a", port("http", "TCP", 8080), "1 ready", "2 ready"),
                        Given.slice("b", port("admin", "TCP", 9090), "1 ready"),
                        Given.slice(
                                "c",
                                slice -> port("http", "TCP", 8081)
                                        .apply(slice)
                                        .addNewPort()
                                        .withName("admin")
                                        .withPort(9091)
                                        .endPort(),
                                "3 ready")));
        assertThat(plan.ports())
                .extracting(port -> Given.addresses(port.families().get(0).cluster()))
                .containsExactly("10.244.0.1:8080 10.244.0.2:8080 10.244.0.3:8081", "10.244.0.1:9090 10.244.0.3:9091");
    }

    /** Kube-semantics 2.2, 5.13, 22: a name matches itself alone, and the empty one is no exception. */
    @Test
    void anUnnamedSlicePortMatchesNoNamedPort() {
        ServicePlan plan = Given.plan(
                Given.service(spec(spec -> spec.editFirstPort().withName("http").endPort())),
                List.of(Given.slice("a", port("", "TCP", 8080), "1 ready")));
        assertThat(Given.only(plan).endpoints()).isEmpty();
        assertThat(Given.only(plan).frontends().get(0).verdict()).isEqualTo(Verdict.REJECT);
    }

    /** Kube-semantics 3.9: of contradicting duplicates the running one is meant, so it can be chosen. */
    @Test
    void ofContradictingDuplicatesTheRunningOneIsUsed() {
        ServicePlan plan = Given.plan(
                Given.service(),
                List.of(
                        Given.slice("a", "1 gone n1"),
                        Given.slice("b", "1 ready n0"),
                        Given.slice("c", "1 terminating n1"),
                        Given.slice("d", "2 terminating n1")));
        assertThat(Given.addresses(Given.only(plan).cluster())).isEqualTo("10.244.0.1:8080");
        assertThat(Given.addresses(Given.only(plan).local())).isEqualTo("10.244.0.1:8080");
    }

    /** Kube-semantics 3.14: as large as the API server lets them be. */
    @Test
    void slicesMayHaveAThousandEndpointsAndAHundredPorts() {
        var slice = Given.slice("a", builder -> {
            for (int i = 1; i < 100; i++) {
                builder.addNewPort().withName("p" + i).withPort(8080 + i).endPort();
            }
            for (int i = 0; i < 1000; i++) {
                builder.addToEndpoints(Given.endpoint("10.245." + i / 250 + "." + (1 + i % 250) + " ready"));
            }
            return builder;
        });
        assertThat(Given.only(Given.plan(Given.service(), List.of(slice))).cluster())
                .hasSize(1000);
    }

    /** Kube-semantics 5.12. */
    @Test
    void eachPortHasItsOwnVerdict() {
        ServicePlan plan = Given.plan(
                Given.service(spec(spec -> spec.editFirstPort()
                        .withName("http")
                        .endPort()
                        .addNewPort()
                        .withName("admin")
                        .withPort(81)
                        .endPort())),
                List.of(Given.slice("a", port("http", "TCP", 8080), "1 ready")));
        assertThat(plan.ports())
                .extracting(port -> port.families().get(0).frontends().get(0).verdict())
                .containsExactly(Verdict.FORWARD, Verdict.REJECT);
    }

    static Stream<Arguments> weights() {
        return Stream.of(
                arguments("none", null, null, 1, 0),
                arguments("of the slice", "3", null, 3, 0),
                arguments("of the Pod", null, "4", 4, 0),
                arguments("the Pod knows better", "3", "4", 4, 0),
                arguments("largest", null, "1000", 1000, 0),
                arguments("too large", null, "1001", 1, 1),
                arguments("zero", null, "0", 1, 1),
                arguments("negative", "-1", null, 1, 1),
                arguments("a fraction", "1.5", null, 1, 1),
                arguments("a malformed one of the Pod leaves that of the slice", "3", "heavy", 3, 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("weights")
    void readsWeights(String name, String ofSlice, String ofPod, int expected, int problems) {
        var slice = Given.slice("a", weighted(ofSlice), "1 ready pod:web-0");
        var pod = Given.pod(
                "web-0",
                1,
                builder -> ofPod == null
                        ? builder
                        : builder.editMetadata()
                                .addToAnnotations("podlb.io/weight", ofPod)
                                .endMetadata());
        ServicePlan plan = new ServiceTranslator(Given.NODE, Given.OPTIONS)
                .plan(Given.service(), new ServiceEndpoints(List.of(slice), Map.of("web-0", pod), List.of()));
        assertThat(Given.only(plan).cluster()).singleElement().satisfies(endpoint -> {
            assertThat(endpoint.weight()).isEqualTo(expected);
            assertThat(endpoint.pod()).isEqualTo("web-0");
        });
        assertThat(plan.problems()).hasSize(problems).allSatisfy(problem -> {
            assertThat(problem.field()).isEqualTo("metadata.annotations[podlb.io/weight]");
            assertThat(problem.severity()).isEqualTo(Problem.Severity.WARNING);
            assertThat(problem.remedy()).isEqualTo("give a whole number from 1 to 1000");
        });
    }

    /** A computed slice may have the name of a hand-made one; even then order decides nothing (3.9). */
    @Test
    void ofTwoSlicesWithOneNameTheOrderDoesNotMatter() {
        var light = Given.slice("a", weighted("2"), "1 ready");
        var heavy = Given.slice("a", weighted("3"), "1 ready");
        assertThat(Given.plan(Given.service(), List.of(light, heavy)))
                .isEqualTo(Given.plan(Given.service(), List.of(heavy, light)));
    }

    private static UnaryOperator<EndpointSliceBuilder> weighted(String weight) {
        return weight == null
                ? SAME
                : slice -> slice.editMetadata()
                        .addToAnnotations("podlb.io/weight", weight)
                        .endMetadata();
    }

    private static UnaryOperator<EndpointSliceBuilder> port(String name, String protocol, Integer number) {
        return slice -> slice.editFirstPort()
                .withName(name)
                .withProtocol(protocol)
                .withPort(number)
                .endPort();
    }

    private static UnaryOperator<EndpointSliceBuilder> service(String name) {
        return name == null
                ? slice -> slice.editMetadata().withLabels(Map.of()).endMetadata()
                : label("kubernetes.io/service-name", name);
    }

    private static UnaryOperator<EndpointSliceBuilder> label(String name, String value) {
        return slice -> slice.editMetadata().addToLabels(name, value).endMetadata();
    }
}
