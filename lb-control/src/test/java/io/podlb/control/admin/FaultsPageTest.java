package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.MetricRegistry;
import io.netty.util.concurrent.Ticker;
import io.podlb.control.translate.Verdict;
import io.podlb.server.balance.Policies;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.fault.FaultView;
import io.podlb.server.fault.Faults;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FaultsPageTest {

    private final Faults faults = new Faults(Ticker.systemTicker(), RandomSource.seeded(1));
    private final AdminServer server = start(new FaultControl(faults::views, faults::set));

    private static AdminServer start(FaultControl control) {
        return AdminServer.start(
                new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0),
                List.of(),
                new AdminSources(
                        () -> Plans.view(Plans.family("random", List.of(Plans.ONE), Plans.clusterIp(Verdict.FORWARD))),
                        List::of,
                        () -> CompletableFuture.completedFuture(List.of()),
                        () -> CompletableFuture.completedFuture(List.of()),
                        List::of,
                        new MetricRegistry(),
                        Policies.standard(RandomSource.seeded(1)),
                        "",
                        control));
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void aSetIsReplacedShownAndTakenBack() throws Exception {
        HttpResponse<String> put = put("{\"rules\": [\"refuse; pod=web-1\", \"latency=1s; for=1h\"]}");
        assertThat(put.statusCode()).isEqualTo(200);
        JsonNode shown = new JsonMapper().readTree(request("GET", "").body()).path("faults");
        assertThat(shown.get(0).toString())
                .isEqualTo("{\"rule\":\"refuse; pod=web-1\",\"fault\":\"refuse\",\"remainingMilliseconds\":null,"
                        + "\"hits\":0,\"origin\":\"admin\"}");
        assertThat(shown.get(1).path("remainingMilliseconds").asLong()).isBetween(3_000_000L, 3_600_000L);
        assertThat(put("{\"rules\": [\"reset\"]}").statusCode()).isEqualTo(200);
        assertThat(rules()).containsExactly("reset");
        assertThat(request("DELETE", "").statusCode()).isEqualTo(200);
        assertThat(rules()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
            {"rules": ["reset", "latncy=1s"]} > rule 2: "latncy" is unknown (expected: a fault
            {"rules": ["cut=x"]} > cut: "x" (expected: a number of bytes
            {"rules": [3]} > rule 1: no text; send {"rules":
            {"rules": "reset"} > the body is no object with rules alone; send {"rules":
            {"rule": ["reset"]} > the body is no object with rules alone; send
            {"rules": [], "more": 1} > the body is no object with rules alone; send
            {"rules": [] > the body is no JSON (
            {"rules": []} 1 > the body is no JSON (
            `` > the body is no
            """)
    void aMalformedSetIsRefusedInOneLineAndChangesNothing(String body, String said) throws Exception {
        put("{\"rules\": [\"silent\"]}");
        HttpResponse<String> response = put(body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).startsWith(said).endsWith("\n");
        assertThat(response.body().lines()).hasSize(1);
        assertThat(rules()).containsExactly("silent");
    }

    @Test
    void tooMuchIsRefused() throws Exception {
        assertThat(put("{\"rules\": [" + "\"reset\",".repeat(256) + "\"reset\"]}")
                        .body())
                .startsWith("257 rules (expected: at most 256");
        assertThat(put("{\"rules\": [\"" + " ".repeat(100_000) + "\"]}").statusCode())
                .isEqualTo(413);
        assertThat(rules()).isEmpty();
    }

    @Test
    void whatAFormOfAnotherSiteCanSendChangesNothing() throws Exception {
        for (String type : List.of("text/plain", "application/x-www-form-urlencoded", "")) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri()).PUT(BodyPublishers.ofString("{\"rules\": []}"));
            if (!type.isEmpty()) {
                request.header("Content-Type", type);
            }
            assertThat(send(request).statusCode()).as(type).isEqualTo(415);
        }
        assertThat(request("POST", "{\"rules\": [\"reset\"]}").statusCode()).isEqualTo(405);
        HttpResponse<String> preflight = request("OPTIONS", "");
        assertThat(preflight.statusCode()).isEqualTo(405);
        assertThat(preflight.headers().map().keySet()).noneMatch(name -> name.startsWith("access-control"));
        assertThat(rules()).isEmpty();
    }

    @Test
    void withoutPermissionThereIsNothingHere() throws Exception {
        try (AdminServer closed = start(null)) {
            for (String method : List.of("GET", "PUT", "DELETE")) {
                HttpResponse<String> response = send(HttpRequest.newBuilder(uri(closed))
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString("{\"rules\": [\"reset\"]}")));
                assertThat(response.statusCode()).isEqualTo(404);
                assertThat(response.body())
                        .isEqualTo("no faults are done here; start lb run or lb demo with --allow-faults\n");
            }
        }
    }

    private List<String> rules() {
        return faults.views().stream()
                .map(FaultView::rule)
                .map(Object::toString)
                .toList();
    }

    private HttpResponse<String> put(String body) throws IOException, InterruptedException {
        return request("PUT", body);
    }

    private HttpResponse<String> request(String method, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri())
                .header("Content-Type", "application/json; charset=utf-8")
                .method(method, BodyPublishers.ofString(body)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    private URI uri() {
        return uri(server);
    }

    private static URI uri(AdminServer of) {
        return URI.create("http://" + of.address() + "/api/v1/faults");
    }
}
