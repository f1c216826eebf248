package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FlowPlan;
import io.podlb.control.translate.Verdict;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServicesJsonTest {

    private static final Policies POLICIES = Policies.standard(RandomSource.seeded(1));

    @Test
    void hasEveryFieldOfTheContract() {
        JsonNode json = json(Plans.view(cluster("random")), Listeners.NONE);
        assertThat(json.get("node").propertyNames()).contains("name", "zone");
        JsonNode service = json.get("services").get(0);
        assertThat(service.propertyNames()).contains("namespace", "name", "type", "clusterIPs", "ports", "problems");
        JsonNode port = service.get("ports").get(0);
        assertThat(port.propertyNames()).contains("name", "protocol", "port", "targetPort", "nodePort", "frontends");
        JsonNode frontend = port.get("frontends").get(0);
        assertThat(frontend.propertyNames())
                .contains(
                        "kind",
                        "family",
                        "address",
                        "port",
                        "bound",
                        "scope",
                        "endpointSet",
                        "verdict",
                        "topology",
                        "policy",
                        "affinitySeconds",
                        "endpoints");
        assertThat(frontend.get("endpoints").get(0).propertyNames())
                .contains("address", "port", "share", "node", "zone", "ready", "serving", "terminating", "local");
    }

    @Test
    void saysWhatEachFieldIs() {
        JsonNode json = json(Plans.view(cluster("random")), Listeners.NONE);
        assertThat(json.get("node").toString()).isEqualTo("{\"name\":\"n0\",\"zone\":\"zone-a\"}");
        JsonNode port = json.at("/services/0/ports/0");
        assertThat(port.get("name").asString()).isEmpty();
        assertThat(port.get("targetPort").isString()).isTrue();
        assertThat(port.get("nodePort").asInt()).isEqualTo(30080);
        assertThat(port.at("/traffic/eject-after").asString()).isEqualTo("off");
        JsonNode clusterIp = port.at("/frontends/0");
        assertThat(clusterIp.get("kind").asString()).isEqualTo("ClusterIP");
        assertThat(clusterIp.get("family").asString()).isEqualTo("IPv4");
        assertThat(clusterIp.get("address").asString()).isEqualTo("10.96.41.7");
        assertThat(clusterIp.get("bound").isNull()).isTrue();
        assertThat(clusterIp.get("scope").asString()).isEqualTo("internal");
        assertThat(clusterIp.get("endpointSet").asString()).isEqualTo("cluster");
        assertThat(clusterIp.get("verdict").asString()).isEqualTo("forward");
        assertThat(clusterIp.get("topology").asString()).isEqualTo("none");
        assertThat(clusterIp.get("affinitySeconds").asInt()).isEqualTo(10800);
        assertThat(clusterIp.get("endpoints")).hasSize(3);
        JsonNode endpoint = clusterIp.at("/endpoints/0");
        assertThat(endpoint.get("share").asDouble()).isCloseTo(0.3333, within(1e-9));
        assertThat(endpoint.get("pod").asString()).isEqualTo("web-1");
        assertThat(clusterIp.at("/notUsed/0/address").asString()).isEqualTo("10.244.0.14");
        assertThat(clusterIp.at("/notUsed/0/reason").asString()).isEqualTo("not ready");
        JsonNode nodePort = port.at("/frontends/1");
        assertThat(nodePort.get("address").asString()).isEqualTo("*");
        assertThat(nodePort.get("port").asInt()).isEqualTo(30080);
        assertThat(nodePort.get("scope").asString()).isEqualTo("external");
        assertThat(nodePort.has("nodeLocalClients")).isFalse();
    }

    @Test
    void saysHowTheDatagramsOfAUdpPortStayTogether() {
        JsonNode tcp = json(Plans.view(cluster("random")), Listeners.NONE).at("/services/0/ports/0/frontends/0");
        assertThat(tcp.propertyNames()).doesNotContain("udpFlows", "udpIdleSeconds");
        JsonNode udp = frontend(new FlowPlan(Duration.ofMillis(1500), FlowMode.PER_DATAGRAM));
        assertThat(udp.get("udpFlows").asString()).isEqualTo("per-datagram");
        assertThat(udp.get("udpIdleSeconds").asDouble()).isEqualTo(1.5);
        JsonNode plain = frontend(new FlowPlan(null, FlowMode.PER_CLIENT));
        assertThat(plain.get("udpFlows").asString()).isEqualTo("per-client");
        assertThat(plain.get("udpIdleSeconds").isNull()).isTrue();
    }

    private static JsonNode frontend(FlowPlan flows) {
        FamilyPlan plan = cluster("random");
        FamilyPlan udp = new FamilyPlan(
                plan.name(),
                plan.policy(),
                null,
                flows,
                plan.topology(),
                plan.endpoints(),
                plan.cluster(),
                plan.local(),
                plan.frontends());
        return json(Plans.view(udp), Listeners.NONE).at("/services/0/ports/0/frontends/0");
    }

    @Test
    void boundIsWhereTheListenerIsOpen() {
        SocketAddressSpec bind = new SocketAddressSpec(InetAddresses.parse("127.96.41.7"), 80);
        SocketAddressSpec any = new SocketAddressSpec(InetAddresses.parse("0.0.0.0"), 30080);
        Listeners listeners = new Listeners(List.of(
                new ListenerView(
                        Plans.WEB, FrontendSpec.of(FrontendKind.CLUSTER_IP, bind), ListenerView.State.OPEN, bind, null),
                new ListenerView(
                        Plans.WEB,
                        FrontendSpec.of(FrontendKind.NODE_PORT, any),
                        ListenerView.State.FAILED,
                        null,
                        "in use")));
        JsonNode frontends = json(Plans.view(cluster("random")), listeners).at("/services/0/ports/0/frontends");
        assertThat(frontends.at("/0/bound").asString()).isEqualTo("127.96.41.7:80");
        assertThat(frontends.at("/0/listeners/0/state").asString()).isEqualTo("open");
        assertThat(frontends.at("/1/bound").isNull()).isTrue();
        assertThat(frontends.at("/1/listeners/0/state").asString()).isEqualTo("failed");
        assertThat(frontends.at("/1/listeners/0/failure").asString()).isEqualTo("in use");
    }

    @ParameterizedTest
    @CsvSource({"random, true", "round-robin, true", "least-connections, false", "maglev, false"})
    void shareIsNullWhereThePolicyHasNoFixedOne(String policy, boolean fixed) {
        JsonNode endpoints =
                json(Plans.view(cluster(policy)), Listeners.NONE).at("/services/0/ports/0/frontends/0/endpoints");
        assertThat(endpoints)
                .hasSize(3)
                .allMatch(endpoint -> endpoint.get("share").isNumber() == fixed);
    }

    @Test
    void nodeLocalClientsAreShownWhereExternalPolicyLocalTreatsThemDifferently() {
        FamilyPlan local = Plans.family(
                "random", List.of(Plans.AWAY), Plans.nodePort(EndpointSet.LOCAL, Verdict.DROP, Verdict.FORWARD));
        JsonNode frontend = json(Plans.view(local), Listeners.NONE).at("/services/0/ports/0/frontends/0");
        assertThat(frontend.get("verdict").asString()).isEqualTo("drop");
        assertThat(frontend.get("endpointSet").asString()).isEqualTo("local");
        assertThat(frontend.get("endpoints")).isEmpty();
        assertThat(frontend.get("notUsed")).hasSize(1);
        assertThat(frontend.at("/nodeLocalClients/verdict").asString()).isEqualTo("forward");
        assertThat(frontend.at("/nodeLocalClients/endpoints")).hasSize(1);
    }

    @Test
    void problemsAreLines() {
        Problem problem = new Problem(
                Problem.Severity.WARNING,
                new Origin("web.yaml", 2),
                "Service default/web",
                "spec.ports[0]",
                "is odd",
                "mend it");
        assertThat(json(Plans.view(cluster("random"), problem), Listeners.NONE)
                        .at("/services/0/problems/0")
                        .asString())
                .isEqualTo("web.yaml, document 2: Service default/web: spec.ports[0]: is odd; mend it");
    }

    @Test
    void saysWhereASimulatedEndpointReallyListens() {
        ControlView view = Plans.view(cluster("random"));
        SocketAddressSpec moved = new SocketAddressSpec(InetAddresses.parse("10.244.0.11"), 10080);
        ControlView withMoved = new ControlView(
                view.node(),
                view.services(),
                view.placement(),
                Map.of(Plans.ONE.address(), moved),
                List.of(),
                view.stage());
        JsonNode endpoint = json(withMoved, Listeners.NONE).at("/services/0/ports/0/frontends/0/endpoints/0");
        assertThat(endpoint.get("port").asInt()).isEqualTo(80);
        assertThat(endpoint.get("reachedAt").asString()).isEqualTo("10.244.0.11:10080");
    }

    private static FamilyPlan cluster(String policy) {
        return Plans.family(
                policy,
                List.of(Plans.ONE, Plans.TWO, Plans.AWAY, Plans.UNREADY),
                Plans.clusterIp(Verdict.FORWARD),
                Plans.nodePort(EndpointSet.CLUSTER, Verdict.FORWARD, Verdict.FORWARD));
    }

    private static JsonNode json(ControlView view, Listeners listeners) {
        return new JsonMapper().readTree(ServicesJson.of(view, listeners, POLICIES));
    }
}
