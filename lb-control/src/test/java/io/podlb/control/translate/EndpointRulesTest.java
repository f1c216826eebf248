package io.podlb.control.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.EndpointSet;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which endpoints new connections get (kube-semantics 3.6 to 3.11, 4, 22), on node n0 in zone-a. */
class EndpointRulesTest {

    private static final NodeFacts N0 = Given.NODE;
    private static final NodeFacts NO_ZONE = new NodeFacts("n0", null);
    private static final NodeFacts NO_NAME = new NodeFacts("", "zone-a");

    static Stream<Arguments> rows() {
        return Stream.of(
                row("4.13, 22 no endpoints at all", N0, "none cluster= local="),
                row("3.6 missing conditions: ready, serving, not terminating", N0, "none cluster=1 local=", "1"),
                row(
                        "4.1 ready decides, even while terminating",
                        N0,
                        "none cluster=1,2 local=",
                        "1 published",
                        "2 ready"),
                row("4.2 ready ones alone", N0, "none cluster=1 local=", "1 ready", "2 unready", "3 terminating"),
                row(
                        "4.2 no ready one: all that serve while terminating",
                        N0,
                        "none cluster=1,2 local=",
                        "1 terminating",
                        "2 terminating",
                        "3 unready",
                        "4 gone"),
                row("4.2 serving, but neither ready nor terminating", N0, "none cluster= local=", "1 serving"),
                row("4.5 terminating and not serving, even as the last", N0, "none cluster= local=", "1 gone n0"),
                row(
                        "4.11 a dead one here, one elsewhere: not nothing",
                        N0,
                        "none cluster=2 local=",
                        "1 gone n0",
                        "2 terminating n1"),
                row("22 all unready, none terminating", N0, "none cluster= local=", "1 unready", "2 unready"),
                row("4.3 ready ones of this node", N0, "none cluster=1,2 local=1", "1 ready n0", "2 ready n1"),
                row(
                        "4.3 none ready here: those that serve while terminating here",
                        N0,
                        "none cluster=2 local=1",
                        "1 terminating n0",
                        "2 ready n1"),
                row(
                        "4.4 never mixed within one set",
                        N0,
                        "none cluster=1,3 local=1",
                        "1 ready n0",
                        "2 terminating n0",
                        "3 ready n1"),
                row("3.7 no node name: not local", N0, "none cluster=1 local=", "1 ready"),
                row("3.7 the name counts exactly", N0, "none cluster=1 local=", "1 ready n00"),
                row("3.7, 22 a node that does not know its name", NO_NAME, "none cluster=1 local=", "1 ready n0"),
                row(
                        "4.6a node hints on every ready one",
                        N0,
                        "node cluster=1 local=1",
                        "1 ready n0 on:n0",
                        "2 ready n1 on:n1"),
                row(
                        "4.6a node hints come before zone hints",
                        N0,
                        "node cluster=1 local=1",
                        "1 ready n0 on:n0 for:zone-a",
                        "2 ready n1 on:n1 for:zone-a"),
                row(
                        "4.6b no node hint names this node: zone",
                        N0,
                        "zone cluster=2 local=",
                        "1 ready n1 on:n1 for:zone-b",
                        "2 ready n2 on:n2 for:zone-a"),
                row(
                        "4.6c no zone hint names this zone",
                        N0,
                        "none cluster=1,2 local=",
                        "1 ready for:zone-b",
                        "2 ready for:zone-c"),
                row(
                        "4.7, 22 zone hint missing on one ready endpoint",
                        N0,
                        "none cluster=1,2 local=",
                        "1 ready for:zone-a",
                        "2 ready"),
                row(
                        "4.7 node hint missing on one ready endpoint: zones still count",
                        N0,
                        "zone cluster=1 local=1",
                        "1 ready n0 on:n0 for:zone-a",
                        "2 ready n1 for:zone-b"),
                row(
                        "4.7 unready and terminating ones spoil no hint",
                        N0,
                        "zone cluster=1 local=",
                        "1 ready for:zone-a",
                        "2 unready",
                        "3 terminating",
                        "4 ready for:zone-b"),
                row(
                        "4.7 unready ones provide no hint; 4.8, 22 zone has only unready endpoints",
                        N0,
                        "none cluster=2 local=",
                        "1 unready for:zone-a",
                        "2 ready for:zone-b"),
                row(
                        "4.9 node hints need no zone",
                        NO_ZONE,
                        "node cluster=1 local=1",
                        "1 ready n0 on:n0",
                        "2 ready on:n1"),
                row(
                        "4.9 no zone, no zone hints",
                        NO_ZONE,
                        "none cluster=1,2 local=",
                        "1 ready for:zone-a",
                        "2 ready for:zone-b"),
                row(
                        "4.3 hints never narrow the local set",
                        N0,
                        "zone cluster=2 local=1",
                        "1 ready n0 for:zone-b",
                        "2 ready n1 for:zone-a"),
                row(
                        "4.2 no topology filter in the fall-back",
                        N0,
                        "none cluster=1,2 local=",
                        "1 terminating for:zone-a",
                        "2 terminating for:zone-b"),
                row(
                        "3.13 one endpoint hinted for two zones",
                        N0,
                        "zone cluster=1,2 local=",
                        "1 ready for:zone-b,zone-a",
                        "2 ready for:zone-a",
                        "3 ready for:zone-b"),
                row("3.13 an empty hint is none", N0, "none cluster=1,2 local=", "1 ready for:zone-a", "2 ready for:"),
                row(
                        "3.13 an empty node hint is none",
                        N0,
                        "none cluster=1,2 local=1",
                        "1 ready n0 on:n0",
                        "2 ready on:"),
                row(
                        "4.6 hints for a node that has lost its endpoint: its zone",
                        N0,
                        "zone cluster=2 local=1",
                        "1 terminating n0 on:n0 for:zone-a",
                        "2 ready n1 on:n1 for:zone-a",
                        "3 ready n2 on:n2 for:zone-b"),
                row(
                        "4.7 published ones count as ready, for hints too",
                        N0,
                        "none cluster=1,2 local=",
                        "1 ready for:zone-a",
                        "2 published"),
                row("3.9 running beats terminating", N0, "none cluster=1 local=", "1 terminating", "1 ready"),
                row("3.9 in either order", N0, "none cluster=1 local=", "1 ready", "1 gone"),
                row("3.11 unready ones stay, unusable", N0, "none cluster= local=", "1 unready"));
    }

    private static Arguments row(String name, NodeFacts node, String expected, String... endpoints) {
        return arguments(name, node, expected, List.of(endpoints));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void choosesEndpoints(String name, NodeFacts node, String expected, List<String> endpoints) {
        assertThat(chosen(node, endpoints)).isEqualTo(expected);
    }

    /** Kube-semantics 3.2: slices are joined, and neither their number nor their order means anything. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void choosesTheSameFromOneSliceEach(String name, NodeFacts node, String expected, List<String> endpoints) {
        List<Sourced<EndpointSlice>> slices = new ArrayList<>();
        for (String endpoint : endpoints) {
            slices.add(Given.slice("web-" + slices.size(), endpoint));
        }
        Collections.reverse(slices);
        assertThat(show(Given.only(
                        new ServiceTranslator(node, Given.OPTIONS).plan(Given.service(), Given.behind(slices)))))
                .isEqualTo(expected);
    }

    static Stream<Arguments> reasons() {
        return Stream.of(
                row("ready", N0, "null", "1 ready"),
                row("not ready", N0, "not ready", "1 unready"),
                row("4.2 serving alone", N0, "not ready", "1 serving"),
                row("4.4 ready ones exist", N0, "terminating; ready endpoints exist", "1 terminating", "2 ready"),
                row("4.5 dead", N0, "terminating and no longer serving", "1 gone"),
                row("4.2 the fall-back has no reason", N0, "null", "1 terminating"),
                row(
                        "4.6 another zone",
                        N0,
                        "in another zone (zone-b); hints keep traffic in zone-a",
                        "1 ready zone-b for:zone-b",
                        "2 ready zone-a for:zone-a"),
                row(
                        "4.6 hinted away",
                        N0,
                        "hinted for another zone; hints keep traffic in zone-a",
                        "1 ready zone-a for:zone-b",
                        "2 ready zone-a for:zone-a"),
                row(
                        "4.6 another node",
                        N0,
                        "on another node (n1); hints keep traffic on n0",
                        "1 ready n1 on:n1",
                        "2 ready n0 on:n0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("reasons")
    void saysWhyTheFirstEndpointGetsNothing(String name, NodeFacts node, String expected, List<String> endpoints) {
        EndpointPlan first = plan(node, endpoints).endpoints().get(0);
        assertThat(String.valueOf(first.unusable())).isEqualTo(expected);
    }

    static Stream<Arguments> localReasons() {
        return Stream.of(
                row("usable", N0, "null", "1 ready n0"),
                row("4.3 fall-back here", N0, "null", "1 terminating n0", "2 ready n1"),
                row("another node", N0, "on another node (n1)", "1 ready n1"),
                row("3.7 unknown node", N0, "its node is not known", "1 ready"),
                row("not ready here", N0, "not ready", "1 unready n0"),
                row(
                        "4.4 ready here",
                        N0,
                        "terminating; ready endpoints exist on this node",
                        "1 terminating n0",
                        "2 ready n0"),
                row("4.5 dead here", N0, "terminating and no longer serving", "1 gone n0"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("localReasons")
    void saysWhyTheFirstEndpointIsNotInTheLocalSet(
            String name, NodeFacts node, String expected, List<String> endpoints) {
        FamilyPlan plan = plan(node, endpoints);
        assertThat(String.valueOf(
                        plan.unusable(EndpointSet.LOCAL, plan.endpoints().get(0))))
                .isEqualTo(expected);
    }

    static Stream<Arguments> conditions() {
        return Stream.of(
                arguments("3.6 none said", null, null, null, "ready serving"),
                arguments("3.6 ready said alone", true, null, null, "ready serving"),
                arguments("3.6 not ready, the rest unsaid", false, null, null, "serving"),
                arguments("3.6 serving denied, ready unsaid", null, false, null, "ready"),
                arguments("3.6, 4.1 terminating, ready unsaid", null, null, true, "ready serving terminating"),
                arguments(
                        "3.6, 4.2 terminating and not ready, serving unsaid", false, null, true, "serving terminating"),
                arguments("3.6 all denied", false, false, false, ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("conditions")
    void readsConditionsThatAreNotSaid(
            String name, Boolean ready, Boolean serving, Boolean terminating, String expected) {
        var slice = Given.slice(
                "web-1",
                builder -> builder.addNewEndpoint()
                        .withAddresses("10.244.0.1")
                        .withNewConditions()
                        .withReady(ready)
                        .withServing(serving)
                        .withTerminating(terminating)
                        .endConditions()
                        .endEndpoint());
        EndpointPlan endpoint = Given.only(Given.plan(Given.service(), List.of(slice)))
                .endpoints()
                .get(0);
        assertThat(((endpoint.ready() ? "ready " : "")
                                + (endpoint.serving() ? "serving " : "")
                                + (endpoint.terminating() ? "terminating" : ""))
                        .strip())
                .isEqualTo(expected);
    }

    /** Kube-semantics 4.10: only the hints in slices count, whatever the Service asks for. */
    @Test
    void neitherTrafficDistributionNorAnnotationsAreRead() {
        UnaryOperator<ServiceBuilder> asked = service -> service.editMetadata()
                .addToAnnotations("service.kubernetes.io/topology-mode", "Auto")
                .endMetadata()
                .editSpec()
                .withTrafficDistribution("PreferSameNode")
                .endSpec();
        var hinted = Given.slice("web-1", "1 ready n1 zone-a for:zone-a", "2 ready n2 zone-b for:zone-b");
        var plain = Given.slice("web-1", "1 ready n0 zone-a", "2 ready n2 zone-b");
        assertThat(show(Given.only(Given.plan(Given.service(), List.of(hinted)))))
                .isEqualTo("zone cluster=1 local=");
        assertThat(show(Given.only(Given.plan(Given.service(asked), List.of(hinted)))))
                .isEqualTo("zone cluster=1 local=");
        assertThat(show(Given.only(Given.plan(Given.service(asked), List.of(plain)))))
                .isEqualTo("none cluster=1,2 local=1");
    }

    /** Kube-semantics 4.12: what can be reached from here is one list, in which a shared endpoint is once. */
    @Test
    void theReachableOnesAreTheUnionOfBothSets() {
        ServicePlan plan = new ServiceTranslator(N0, Given.OPTIONS)
                .plan(
                        Given.service(service -> service.editSpec()
                                .withType("NodePort")
                                .withExternalTrafficPolicy("Local")
                                .editFirstPort()
                                .withNodePort(30080)
                                .endPort()
                                .endSpec()),
                        Given.behind(List.of(Given.slice(
                                "web-1",
                                "1 ready n0 for:zone-b",
                                "2 ready n1 for:zone-a",
                                "3 ready n0 for:zone-a",
                                "4 ready n1 for:zone-b"))));
        FamilyPlan family = Given.only(plan);
        assertThat(show(family)).isEqualTo("zone cluster=2,3 local=1,3");
        assertThat(ServicePortSpecs.of(family, frontend -> List.of()).serving())
                .extracting(address -> address.address().getAddress()[3])
                .containsExactlyInAnyOrder((byte) 1, (byte) 2, (byte) 3);
    }

    /** Kube-semantics 3.9 leaves two running ones open; here the order of slices must not decide. */
    @Test
    void aReadyDuplicateBeatsAnUnreadyOne() {
        assertThat(chosen(N0, List.of("1 unready n1", "1 ready n0"))).isEqualTo("none cluster=1 local=1");
        assertThat(chosen(N0, List.of("1 ready n0", "1 unready n1"))).isEqualTo("none cluster=1 local=1");
    }

    @Test
    void endpointsAreOrderedByAddress() {
        assertThat(Given.addresses(plan(N0, List.of("10 ready", "9 ready", "100 ready", "2 ready"))
                        .endpoints()))
                .isEqualTo("10.244.0.2:8080 10.244.0.9:8080 10.244.0.10:8080 10.244.0.100:8080");
    }

    private static String chosen(NodeFacts node, List<String> endpoints) {
        return show(plan(node, endpoints));
    }

    private static FamilyPlan plan(NodeFacts node, List<String> endpoints) {
        return Given.only(new ServiceTranslator(node, Given.OPTIONS)
                .plan(Given.service(), Given.behind(List.of(Given.slice("web-1", endpoints.toArray(String[]::new))))));
    }

    private static String show(FamilyPlan plan) {
        return plan.topology().label() + " cluster=" + numbers(plan.cluster()) + " local=" + numbers(plan.local());
    }

    private static String numbers(List<EndpointPlan> endpoints) {
        return endpoints.stream()
                .map(endpoint -> Integer.toString(endpoint.address().address().getAddress()[3] & 0xff))
                .collect(Collectors.joining(","));
    }
}
