package io.podlb.control.health;

import static io.podlb.control.health.Asked.LOOPBACK;
import static io.podlb.control.health.Asked.ask;
import static io.podlb.control.health.Asked.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.codahale.metrics.MetricRegistry;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.SocketAddressSpec;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The health of the proxy and its node, asked over HTTP; time passes by hand. */
@Timeout(60)
class NodeHealthTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong seconds = new AtomicLong();
    private final MetricRegistry metrics = new MetricRegistry();
    private final NodeHealth health = NodeHealth.start(
            new SocketAddressSpec(LOOPBACK, 0),
            () -> Duration.ofSeconds(seconds.get()).toNanos(),
            () -> START.plusSeconds(seconds.get()),
            metrics);

    @AfterEach
    void close() {
        health.close();
    }

    static Stream<Arguments> nodes() {
        return Stream.of(
                arguments("11.10 not known yet", null, true),
                arguments("11.10 known", node().build(), true),
                arguments(
                        "11.10 has a deletion timestamp",
                        node().editMetadata()
                                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                                .endMetadata()
                                .build(),
                        false),
                arguments(
                        "11.10 is to be deleted, whatever the effect",
                        node().editSpec()
                                .addNewTaint("PreferNoSchedule", "ToBeDeletedByClusterAutoscaler", null, "1")
                                .endSpec()
                                .build(),
                        false),
                arguments(
                        "11.10 another taint",
                        node().editSpec()
                                .addNewTaint("NoExecute", "node.kubernetes.io/not-ready", null, null)
                                .endSpec()
                                .build(),
                        true),
                arguments(
                        "11.10 cordoned",
                        node().editSpec().withUnschedulable(true).endSpec().build(),
                        true),
                arguments(
                        "11.10 without a spec",
                        new NodeBuilder()
                                .withNewMetadata()
                                .withName("n0")
                                .endMetadata()
                                .build(),
                        true));
    }

    private static NodeBuilder node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n0")
                .endMetadata()
                .withNewSpec()
                .endSpec();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("nodes")
    void aNodeThatGoesAwayIsNoTargetButItsProxyLives(String row, Node node, boolean eligible) throws Exception {
        health.node(node);
        HttpResponse<String> healthz = get(port(), "/healthz");
        assertThat(healthz.statusCode()).isEqualTo(eligible ? 200 : 503);
        assertThat(json(healthz).get("nodeEligible").asBoolean()).isEqualTo(eligible);
        HttpResponse<String> livez = get(port(), "/livez"); // 11.11
        assertThat(livez.statusCode()).isEqualTo(200);
        assertThat(json(livez).has("nodeEligible")).isFalse();
    }

    @Test
    void aNodeThatWasLastSeenToBeDeletedStaysSoWhenItsObjectIsGone() throws Exception { // 11.10
        health.node(node().editMetadata()
                .withDeletionTimestamp("2026-01-01T00:00:00Z")
                .endMetadata()
                .build());
        health.node(null);
        assertThat(get(port(), "/healthz").statusCode()).isEqualTo(503);
        health.node(node().build());
        health.node(null);
        assertThat(get(port(), "/healthz").statusCode()).isEqualTo(200);
    }

    @Test
    void theBodySaysWhenAPassWasCompleteLast() throws Exception { // 11.12
        health.node(node().build());
        health.begun();
        health.updated(true, unused -> null, List.of());
        seconds.set(5);
        health.queued();
        seconds.set(64);
        assertThat(json(get(port(), "/healthz"))).isEqualTo(JsonMapper.shared().readTree("""
                                {"lastUpdated": "2026-01-01T00:01:04Z", "currentTime": "2026-01-01T00:01:04Z",
                                 "nodeEligible": true, "healthy": true, "status": {
                                   "IPv4": {"lastUpdated": "2026-01-01T00:00:00Z", "healthy": true},
                                   "IPv6": {"lastUpdated": "2026-01-01T00:00:00Z", "healthy": true}}}"""));
        seconds.set(65);
        HttpResponse<String> late = get(port(), "/livez");
        assertThat(late.statusCode()).isEqualTo(503);
        assertThat(late.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(late.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(json(late)).isEqualTo(JsonMapper.shared().readTree("""
                                {"lastUpdated": "2026-01-01T00:00:00Z", "currentTime": "2026-01-01T00:01:05Z",
                                 "healthy": false, "status": {
                                   "IPv4": {"lastUpdated": "2026-01-01T00:00:00Z", "healthy": false},
                                   "IPv6": {"lastUpdated": "2026-01-01T00:00:00Z", "healthy": false}}}"""));
        assertThat(get(port(), "/healthz").statusCode()).isEqualTo(503);
        assertThat(count(HealthzServer.HEALTHZ_TOTAL + "{code=200}")).isEqualTo(1);
        assertThat(count(HealthzServer.HEALTHZ_TOTAL + "{code=503}")).isEqualTo(1);
        assertThat(count(HealthzServer.LIVEZ_TOTAL + "{code=503}")).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"POST, /healthz, 405", "HEAD, /livez, 405", "GET, /, 404", "GET, /healthz?verbose, 200"})
    void answersGetOfTwoPagesAlone(String method, String path, int status) throws Exception {
        assertThat(ask(method, "127.0.0.1", port(), path).statusCode()).isEqualTo(status);
    }

    @Test
    void aServiceIsSpokenOfOnceThePassIsComplete() throws Exception {
        ServiceKey web = new ServiceKey("default", "web");
        int port = Asked.freePort();
        ServicePlan plan = new ServicePlan("default", "web", "LoadBalancer", List.of(), List.of(), port, List.of());
        health.begun();
        health.changed(List.of(web), Map.of());
        health.failed();
        assertThat(Asked.listens(port)).isFalse();
        health.begun();
        health.updated(true, key -> key.equals(web) ? plan : null, List.of(LOOPBACK));
        assertThat(get(port, "/").statusCode()).isEqualTo(503);
        health.changed(List.of(web), Map.of());
        health.updated(true, key -> null, List.of(LOOPBACK));
        assertThat(Asked.listens(port)).isFalse();
    }

    @Test
    void waitsForAnAddressThatIsTaken() throws Exception {
        try (HttpListeners http = new HttpListeners()) {
            HealthzServer server =
                    new HealthzServer(http, () -> new ProxyHealth.State(true, null), () -> true, () -> START, metrics);
            int port;
            try (ServerSocket kubeProxy = Asked.taken()) {
                port = kubeProxy.getLocalPort();
                assertThat(server.start(new SocketAddressSpec(LOOPBACK, port), Duration.ofMillis(20))
                                .awaitUninterruptibly()
                                .isSuccess())
                        .isFalse();
                assertThat(server.address()).isNull();
            }
            await().until(() -> server.address() != null);
            assertThat(json(get(port, "/livez"))
                            .get("status")
                            .get("IPv4")
                            .get("lastUpdated")
                            .asString())
                    .isEqualTo("0001-01-01T00:00:00Z");
        }
    }

    private int port() {
        await().until(() -> health.address() != null);
        return health.address().port();
    }

    private long count(String name) {
        return metrics.counter(name).getCount();
    }

    private static JsonNode json(HttpResponse<String> response) {
        return JsonMapper.shared().readTree(response.body());
    }
}
