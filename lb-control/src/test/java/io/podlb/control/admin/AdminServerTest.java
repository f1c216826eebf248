package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.Verdict;
import io.podlb.server.DrainReceipt;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.PickReason;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.DrainCounts;
import io.podlb.server.relay.FlowView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdminServerTest {

    private static final SocketAddressSpec ANY_PORT = new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0);

    private final MetricRegistry registry = new MetricRegistry();
    private volatile ControlView view =
            Plans.view(Plans.family("random", List.of(Plans.ONE, Plans.TWO), Plans.clusterIp(Verdict.FORWARD)));
    private volatile CompletionStage<List<ConnectionView>> connections = CompletableFuture.completedFuture(List.of());
    private volatile CompletionStage<List<FlowView>> flows = CompletableFuture.completedFuture(List.of());
    private final AdminServer server = AdminServer.start(
            ANY_PORT,
            List.of("lab.example"),
            new AdminSources(
                    () -> view,
                    List::of,
                    () -> connections,
                    () -> flows,
                    () -> List.of(new DrainReceipt(
                            Plans.WEB, Plans.ONE.address(), "web-1", new DrainCounts(9, 2, 6, 1), 30_000)),
                    registry,
                    Policies.standard(RandomSource.seeded(1)),
                    "1.2.3",
                    null));

    @AfterEach
    void close() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/healthz", "/livez", "/readyz", "/metrics", "/proxyMode", "/api/v1/services", "/api/v1/drains"})
    void answersGetAndHead(String path) throws Exception {
        HttpResponse<String> get = request("GET", path);
        HttpResponse<String> head = request("HEAD", path);
        assertThat(get.statusCode()).isEqualTo(200);
        assertThat(get.body()).isNotEmpty();
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(get.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(get.headers().firstValue("access-control-allow-origin")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Stage.class)
    void isReadyBetweenTheFirstTableAndTheDrain(Stage stage) throws Exception {
        view = view.at(stage);
        assertThat(request("GET", "/readyz").statusCode()).isEqualTo(stage == Stage.READY ? 200 : 503);
        assertThat(request("GET", "/livez").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
    void changesNothingForAnybody(String method) throws Exception {
        HttpResponse<String> response = request(method, "/api/v1/services");
        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("allow")).hasValue("GET, HEAD");
    }

    @Test
    void doesNotKnowOtherPages() throws Exception {
        assertThat(request("GET", "/").statusCode()).isEqualTo(404);
        assertThat(request("GET", "/proxyMode?x=1").body()).isEqualTo("podlb\n");
    }

    @Test
    void refusesTheNameOfAnotherSite() throws IOException {
        assertThat(raw("GET /api/v1/services HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403 ")
                .doesNotContain("10.96.41.7");
        assertThat(raw("GET /proxyMode HTTP/1.1\r\nConnection: close\r\n\r\n")).startsWith("HTTP/1.1 403 ");
        assertThat(raw("GET /proxyMode HTTP/1.1\r\nHost: lab.example:80\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200 ")
                .endsWith("podlb\n");
    }

    @Test
    void boundsTheSizeOfRequests() throws IOException {
        assertThat(
                        raw(
                                "GET /proxyMode HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 413 ");
        assertThat(raw("GET /" + "x".repeat(10_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(raw("nonsense\r\n\r\n")).startsWith("HTTP/1.1 400 ");
    }

    @Test
    void showsTheServices() throws Exception {
        HttpResponse<String> response = request("GET", "/api/v1/services");
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(new JsonMapper()
                        .readTree(response.body())
                        .at("/services/0/name")
                        .asString())
                .isEqualTo("web");
    }

    @Test
    void showsTheReceiptsOfDrains() throws Exception {
        assertThat(new JsonMapper()
                        .readTree(request("GET", "/api/v1/drains").body())
                        .at("/drains/0")
                        .toString())
                .isEqualTo("{\"namespace\":\"default\",\"service\":\"web\",\"port\":\"\",\"protocol\":\"TCP\","
                        + "\"family\":\"IPv4\",\"backend\":\"10.244.0.11:80\",\"pod\":\"web-1\",\"connections\":9,"
                        + "\"byThemselves\":2,\"byFin\":6,\"cut\":1,\"milliseconds\":30000}");
    }

    private static BackendSpec listed(EndpointPlan plan) {
        return new BackendSpec(plan.address(), 1, plan.pod(), plan.node(), null);
    }

    @Test
    void showsConnectionsWithTheReasonOfThePick() throws Exception {
        connections = CompletableFuture.completedFuture(List.of(new ConnectionView(
                7,
                3,
                Plans.WEB,
                FrontendSpec.of(FrontendKind.NODE_PORT, new SocketAddressSpec(InetAddresses.parse("0.0.0.0"), 30080)),
                new SocketAddressSpec(InetAddresses.parse("192.0.2.9"), 50123),
                "random",
                List.of(new Backend(
                        listed(Plans.ONE), new ServicePortMetrics(new MetricRegistry(), Plans.WEB).backend("one"))),
                List.of(
                        new Attempt(
                                listed(Plans.TWO), new PickReason.Random(2), Attempt.Outcome.TIMED_OUT, 1_000_000_000),
                        new Attempt(listed(Plans.ONE), new PickReason.Random(1), Attempt.Outcome.CONNECTED, 2_500_000)),
                Plans.ONE.address(),
                "web-1",
                new PickReason.Random(2),
                1,
                List.of("latency=1s"),
                78,
                612,
                TrafficRules.AccessLog.OFF,
                0,
                3,
                EndReason.CLIENT_CLOSED)));
        JsonNode json = new JsonMapper()
                .readTree(request("GET", "/api/v1/connections").body())
                .at("/connections/0");
        assertThat(json.get("service").asString()).isEqualTo("web");
        assertThat(json.get("client").asString()).isEqualTo("192.0.2.9:50123");
        assertThat(json.at("/frontend/kind").asString()).isEqualTo("NodePort");
        assertThat(json.get("backend").asString()).isEqualTo("10.244.0.11:80");
        assertThat(json.get("pickReason").asString()).isEqualTo("random: one of 2");
        assertThat(json.get("faults").toString()).isEqualTo("[\"latency=1s\"]");
        assertThat(json.get("attempts").asInt()).isEqualTo(1);
        assertThat(json.get("ordinal").asInt()).isEqualTo(3);
        assertThat(json.get("policy").asString()).isEqualTo("random");
        assertThat(json.get("candidates").asInt()).isEqualTo(1);
        assertThat(json.get("tries").toString())
                .isEqualTo("[{\"backend\":\"10.244.0.12:80\",\"pod\":\"web-2\",\"pickReason\":\"random: one of 2\","
                        + "\"outcome\":\"timed-out\",\"milliseconds\":1000},"
                        + "{\"backend\":\"10.244.0.11:80\",\"pod\":\"web-1\",\"pickReason\":\"random: one of 1\","
                        + "\"outcome\":\"connected\",\"milliseconds\":2}]");
        assertThat(json.get("bytesToBackend").asInt()).isEqualTo(78);
        assertThat(json.get("bytesToClient").asInt()).isEqualTo(612);
        assertThat(json.get("milliseconds").asInt()).isEqualTo(3);
        assertThat(json.get("endReason").asString()).isEqualTo("client-closed");
    }

    @Test
    void showsUdpFlowsBesideConnectionsWithTheSameFields() throws Exception {
        showsConnectionsWithTheReasonOfThePick();
        ServicePortName dns = new ServicePortName("kube-system", "dns", "dns", Protocol.UDP, IpFamily.IPV4);
        SocketAddressSpec clusterIp = new SocketAddressSpec(InetAddresses.parse("10.96.0.10"), 53);
        flows = CompletableFuture.completedFuture(List.of(new FlowView(
                8,
                1,
                dns,
                FrontendSpec.of(FrontendKind.CLUSTER_IP, clusterIp),
                new SocketAddressSpec(InetAddresses.parse("192.0.2.9"), 40001),
                "round-robin",
                List.of(),
                List.of(new Attempt(
                        listed(Plans.ONE), new PickReason.Turn(1, 2), Attempt.Outcome.CONNECTED, 1_000_000)),
                Plans.ONE.address(),
                "dns-1",
                new PickReason.Turn(1, 2),
                1,
                List.of(),
                40,
                90,
                TrafficRules.AccessLog.OFF,
                0,
                2,
                FlowEnd.ANSWERED)));
        JsonNode all = new JsonMapper()
                .readTree(request("GET", "/api/v1/connections").body())
                .get("connections");
        assertThat(all).hasSize(2);
        assertThat(all.get(1).propertyNames()).isEqualTo(all.get(0).propertyNames());
        assertThat(all.at("/0/protocol").asString()).isEqualTo("TCP");
        assertThat(all.get(1).toString())
                .contains("\"protocol\":\"UDP\"", "\"client\":\"192.0.2.9:40001\"", "\"pod\":\"dns-1\"")
                .contains("\"pickReason\":\"round-robin: turn 1 of 2\"", "\"bytesToBackend\":40")
                .contains("\"bytesToClient\":90", "\"endReason\":\"answered\"");
    }

    @Test
    void aFailureBehindAPageIsItsOwnAnswer() throws Exception {
        connections = CompletableFuture.failedFuture(new IllegalStateException("no"));
        assertThat(request("GET", "/api/v1/connections").statusCode()).isEqualTo(500);
        registry.register("podlb_bad", (Gauge<Integer>) () -> {
            throw new IllegalStateException("no");
        });
        assertThat(request("GET", "/metrics").statusCode()).isEqualTo(500);
        assertThat(request("GET", "/proxyMode").statusCode()).isEqualTo(200);
    }

    @Test
    void exportsMetricsAsPrometheusTextWithLabelsAndBuckets() throws Exception {
        try (ServicePortMetrics metrics = new ServicePortMetrics(registry, Plans.WEB)) {
            metrics.accepted();
            metrics.connected(2_000_000);
            registry.register("podlb_table_version", (Gauge<Long>) () -> 12L);
            registry.register("podlb_accept_pauses_total", new Counter());
            String labels = "{family=\"IPv4\",namespace=\"default\",port=\"\",protocol=\"TCP\",service=\"web\"";
            assertThat(request("GET", "/metrics").body())
                    .contains("# TYPE podlb_connections_total counter\n")
                    .contains("podlb_connections_total" + labels + "} 1.0\n")
                    .contains("podlb_connections_open" + labels + "} 1.0\n")
                    .contains("podlb_connect_seconds_bucket" + labels + ",le=\"0.001\"} 0\n")
                    .contains("podlb_connect_seconds_bucket" + labels + ",le=\"0.0025\"} 1\n")
                    .contains("podlb_connect_seconds_bucket" + labels + ",le=\"+Inf\"} 1\n")
                    .contains("podlb_connect_seconds_sum" + labels + "} 0.002\n")
                    .contains("podlb_accept_pauses_total 0.0\n")
                    .contains("podlb_table_version 12.0\n")
                    .contains("version=\"1.2.3\"")
                    .contains("process_open_fds ")
                    .contains("jvm_memory_used_bytes{area=\"heap\"}");
        }
    }

    @Test
    void aTakenPortIsOneLine() {
        assertThatThrownBy(() -> AdminServer.start(
                        server.address(),
                        List.of(),
                        new AdminSources(
                                () -> view,
                                List::of,
                                () -> connections,
                                () -> flows,
                                List::of,
                                registry,
                                Policies.standard(RandomSource.seeded(1)),
                                "",
                                null)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("--admin: cannot listen on " + server.address())
                .hasMessageContaining("--admin ADDRESS:PORT")
                .hasMessageNotContaining("\n");
    }

    private HttpResponse<String> request(String method, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", server.address().port())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }
}
