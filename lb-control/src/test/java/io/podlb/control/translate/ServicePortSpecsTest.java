package io.podlb.control.translate;

import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Drain;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** From plan to spec (kube-semantics 2.12, 2.13). */
class ServicePortSpecsTest {

    private static final SocketAddressSpec ONE = new SocketAddressSpec(Given.ip("127.1.0.1"), 80);
    private static final SocketAddressSpec TWO = new SocketAddressSpec(Given.ip("127.1.0.2"), 80);

    private static ServicePortSpec specOf(String internal, String external, boolean nodePort) {
        ServicePlan plan = Given.plan(
                Given.service(spec(spec -> spec.withInternalTrafficPolicy(internal)
                        .withExternalTrafficPolicy(external)
                        .withType(nodePort ? "NodePort" : "ClusterIP")
                        .withSessionAffinity("ClientIP")
                        .editFirstPort()
                        .withNodePort(nodePort ? 30080 : null)
                        .endPort())),
                List.of(Given.slice("s", "1 ready n0 zone-a", "2 ready n1 zone-b pod:web-1")));
        return ServicePortSpecs.of(
                Given.only(plan),
                frontend -> frontend.kind() == FrontendKind.NODE_PORT ? List.of(ONE, TWO) : List.of(ONE));
    }

    @Test
    void carriesEverythingThatThePlanSays() {
        ServicePortSpec spec = specOf("Cluster", "Local", true);
        assertThat(spec.name()).hasToString("default/web");
        assertThat(spec.policy()).isEqualTo("random");
        assertThat(spec.affinityTimeout()).isEqualTo(Duration.ofHours(3));
        assertThat(spec.frontends())
                .containsExactly(
                        FrontendSpec.of(FrontendKind.CLUSTER_IP, ONE),
                        new FrontendSpec(
                                FrontendKind.NODE_PORT, ONE, EndpointSet.LOCAL, EndpointSet.CLUSTER, List.of()),
                        new FrontendSpec(
                                FrontendKind.NODE_PORT, TWO, EndpointSet.LOCAL, EndpointSet.CLUSTER, List.of()));
        assertThat(spec.cluster())
                .containsExactly(
                        new BackendSpec(address(1), 1, null, "n0", "zone-a"),
                        new BackendSpec(address(2), 1, "web-1", "n1", "zone-b"));
        assertThat(spec.local()).containsExactly(new BackendSpec(address(1), 1, null, "n0", "zone-a"));
    }

    /** Kube-semantics 2.13. */
    @Test
    void theLocalSetIsEmptyWhereNobodyOffersIt() {
        assertThat(specOf("Cluster", "Cluster", true).local()).isEmpty();
        assertThat(specOf("Cluster", "Local", false).local()).isEmpty();
        assertThat(specOf("Local", "Cluster", true).local()).hasSize(1);
    }

    /** Kube-semantics 2.12. */
    @Test
    void theClusterSetIsEmptyUnderInternalLocalWithoutExternalAddress() {
        assertThat(specOf("Local", "Cluster", false).cluster()).isEmpty();
        assertThat(specOf("Local", "Local", true).cluster()).hasSize(2);
    }

    /** Kube-semantics 2.10: each kind of external address makes the port accessible from outside, and so needs the cluster set. */
    @ParameterizedTest
    @ValueSource(strings = {"node port", "external IP", "VIP"})
    void anExternalAddressOfAnyKindNeedsTheClusterSet(String kind) {
        ServicePlan plan = Given.plan(
                Given.service(service -> spec(spec -> spec.withType("LoadBalancer")
                                .withInternalTrafficPolicy("Local")
                                .withExternalTrafficPolicy("Local")
                                .withExternalIPs(kind.equals("external IP") ? List.of("203.0.113.5") : List.of())
                                .editFirstPort()
                                .withNodePort(kind.equals("node port") ? 30080 : null)
                                .endPort())
                        .apply(service)
                        .withNewStatus()
                        .withNewLoadBalancer()
                        .addNewIngress()
                        .withIp("203.0.113.9")
                        .withIpMode(kind.equals("VIP") ? "VIP" : "Proxy")
                        .endIngress()
                        .endLoadBalancer()
                        .endStatus()),
                List.of(Given.slice("s", "1 ready n0", "2 ready n1")));
        ServicePortSpec spec = ServicePortSpecs.of(Given.only(plan), frontend -> List.of(ONE));
        assertThat(spec.cluster()).hasSize(2);
        assertThat(spec.local()).hasSize(1);
        assertThat(spec.frontends()).hasSize(2);
    }

    /** Kube-semantics 9.4. */
    @Test
    void udpFlowsMayStayWithAllThatServes() {
        ServicePlan plan = Given.plan(
                Given.service(service -> spec(spec ->
                                spec.editFirstPort().withProtocol("UDP").endPort())
                        .apply(service)
                        .editMetadata()
                        .addToAnnotations("podlb.io/udp-idle-timeout", "1m30s")
                        .addToAnnotations("podlb.io/udp-flows", "per-datagram")
                        .endMetadata()),
                List.of(Given.slice(
                        "s",
                        slice -> slice.editFirstPort().withProtocol("UDP").endPort(),
                        "1 ready",
                        "2 terminating",
                        "3 gone",
                        "4 unready")));
        ServicePortSpec spec = ServicePortSpecs.of(Given.only(plan), frontend -> List.of(ONE));
        assertThat(spec.cluster()).containsExactly(BackendSpec.of(address(1)));
        assertThat(spec.flows())
                .isEqualTo(new FlowSpec(Duration.ofSeconds(90), Set.of(address(1), address(2)), FlowMode.PER_DATAGRAM));
        assertThat(spec.serving()).containsExactlyInAnyOrder(address(1), address(2));
    }

    @Test
    void endpointsThatDoNotTerminateMayComeBackAndAreNotDrained() {
        ServicePlan plan = Given.plan(
                Given.service(service -> service.editMetadata()
                        .addToAnnotations("podlb.io/drain", "30s")
                        .endMetadata()),
                List.of(Given.slice("s", "1 ready", "2 terminating", "3 gone", "4 unready")));
        ServicePortSpec spec = ServicePortSpecs.of(Given.only(plan), frontend -> List.of(ONE));
        assertThat(spec.traffic().drain()).isEqualTo(new Drain(Duration.ofSeconds(30), Set.of(address(1), address(4))));
        assertThat(specOf("Cluster", "Cluster", true).traffic()).isEqualTo(TrafficRules.NONE);
    }

    @Test
    void whatMeansNothingForUdpIsNotAskedFor() {
        ServicePlan plan = Given.plan(
                Given.service(service -> spec(spec ->
                                spec.editFirstPort().withProtocol("UDP").endPort())
                        .apply(service)
                        .editMetadata()
                        .addToAnnotations("podlb.io/drain", "30s")
                        .addToAnnotations("podlb.io/rebalance", "5%/s")
                        .addToAnnotations("podlb.io/slow-start", "30s")
                        .endMetadata()),
                List.of());
        assertThat(ServicePortSpecs.of(Given.only(plan), frontend -> List.of(ONE))
                        .traffic())
                .isEqualTo(TrafficRules.NONE.withSlowStart(Duration.ofSeconds(30)));
    }

    @Test
    void tcpKnowsNoFlows() {
        assertThat(specOf("Cluster", "Cluster", true).flows()).isEqualTo(FlowSpec.NONE);
    }

    @Test
    void aFrontEndThatCannotBeBoundIsLeftOut() {
        ServicePlan plan = Given.plan(Given.service(), List.of(Given.slice("s", "1 ready")));
        ServicePortSpec spec = ServicePortSpecs.of(Given.only(plan), frontend -> List.of());
        assertThat(spec.frontends()).isEmpty();
        assertThat(spec.cluster()).containsExactly(BackendSpec.of(address(1)));
    }

    private static SocketAddressSpec address(int last) {
        return new SocketAddressSpec(Given.ip("10.244.0." + last), 8080);
    }
}
