package io.podlb.control.health;

import static io.podlb.control.health.Asked.LOOPBACK;
import static io.podlb.control.health.Asked.ask;
import static io.podlb.control.health.Asked.freePort;
import static io.podlb.control.health.Asked.get;
import static io.podlb.control.health.Asked.listens;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.cluster.ServiceKey;
import io.podlb.server.service.InetAddresses;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Health check node ports as a balancer sees them. */
@Timeout(60)
class ServiceHealthServersTest {

    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey DB = new ServiceKey("prod", "db");
    private static final List<InetAddress> HERE = List.of(LOOPBACK);

    private volatile boolean proxyHealthy = true;
    private final HttpListeners http = new HttpListeners();
    private final ServiceHealthServers servers = new ServiceHealthServers(http, () -> proxyHealthy);

    @AfterEach
    void close() {
        http.close();
    }

    @ParameterizedTest(name = "11.4 {0} endpoints, proxy healthy: {1}")
    @CsvSource({"2, true, 200", "1, true, 200", "0, true, 503", "2, false, 503", "0, false, 503"})
    void tellsWhetherThisNodeHasEndpoints(int endpoints, boolean healthy, int status) throws Exception { // 5.10, 11.4
        proxyHealthy = healthy;
        int port = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, port, endpoints)), HERE);
        HttpResponse<String> response = get(port, "/healthz");
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json"); // 11.5
        assertThat(response.headers().firstValue("x-content-type-options")).hasValue("nosniff");
        assertThat(response.headers().firstValue("x-load-balancing-endpoint-weight"))
                .hasValue(Integer.toString(endpoints));
        assertThat(JsonMapper.shared().readTree(response.body())) // 11.6
                .isEqualTo(JsonMapper.shared()
                        .readTree("{\"service\":{\"namespace\":\"default\",\"name\":\"web\"},\"localEndpoints\":"
                                + endpoints + ",\"serviceProxyHealthy\":" + healthy + "}"));
    }

    @ParameterizedTest(name = "11.2 {0} {1}")
    @CsvSource({"GET, /", "GET, /any/path?x=1", "POST, /healthz", "DELETE, /", "HEAD, /healthz"})
    void anyPathAndMethodIsAnswered(String method, String path) throws Exception {
        int port = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 1)), HERE);
        HttpResponse<String> response = ask(method, "127.0.0.1", port, path);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body().isEmpty()).isEqualTo(method.equals("HEAD"));
    }

    @Test
    void drainsOnTheSameConnection() throws Exception { // 11.8
        int port = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 1)), HERE);
        try (Socket balancer = new Socket(LOOPBACK, port)) {
            assertThat(probe(balancer)).startsWith("HTTP/1.1 200 ");
            servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 0)), HERE);
            assertThat(probe(balancer)).startsWith("HTTP/1.1 503 ");
            servers.update(gone(WEB), HERE); // 20.3
            assertThat(balancer.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(listens(port)).isFalse();
    }

    @Test
    void closesBeforeItOpensSoThatServicesMaySwapPorts() throws Exception { // 11.7
        int one = freePort();
        int two = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, one, 1), DB, new ServiceHealth(DB, two, 1)), HERE);
        servers.update(Map.of(WEB, new ServiceHealth(WEB, two, 1), DB, new ServiceHealth(DB, one, 1)), HERE);
        assertThat(get(one, "/").body()).contains("\"db\"");
        assertThat(get(two, "/").body()).contains("\"web\"");
    }

    @Test
    void aServiceThatIsNotNamedStaysAsItIs() throws Exception {
        int one = freePort();
        int two = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, one, 3)), HERE);
        servers.update(Map.of(DB, new ServiceHealth(DB, two, 1)), HERE);
        assertThat(get(one, "/").headers().firstValue("x-load-balancing-endpoint-weight"))
                .hasValue("3");
    }

    @Test
    void triesAgainWhatCouldNotBeOpenedWithWhatIsKnownByThen() throws Exception { // 11.7
        int port;
        try (ServerSocket taken = Asked.taken()) {
            port = taken.getLocalPort();
            servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 1)), HERE);
            servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 7)), HERE);
        }
        assertThat(listens(port)).isFalse();
        servers.repair(HERE);
        assertThat(get(port, "/").headers().firstValue("x-load-balancing-endpoint-weight"))
                .hasValue("7");
    }

    @Test
    void anAddressThatFailsTakesTheOthersWithIt() throws Exception { // 11.7
        try (ServerSocket taken = Asked.taken()) {
            int port = taken.getLocalPort();
            InetAddress other = InetAddresses.parse("127.0.0.2");
            servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 1)), List.of(other, LOOPBACK));
            new ServerSocket(port, 1, other).close(); // nobody listens there
        }
    }

    @Test
    void followsTheAddressesOfNodePorts() throws Exception { // 11.1
        int port = freePort();
        servers.update(Map.of(WEB, new ServiceHealth(WEB, port, 1)), HERE);
        servers.repair(List.of(InetAddresses.parse("127.0.0.2")));
        assertThat(listens(port)).isFalse();
        assertThat(ask("GET", "127.0.0.2", port, "/").statusCode()).isEqualTo(200);
        servers.repair(List.of());
        servers.repair(HERE);
        assertThat(listens(port)).isTrue();
    }

    @Test
    void aWildcardOfOneFamilyDoesNotOpenTheOther() throws Exception { // 11.1
        int port = freePort();
        servers.update(
                Map.of(WEB, new ServiceHealth(WEB, port, 1)),
                List.of(InetAddresses.parse("127.0.0.2"), InetAddresses.parse("::")));
        assertThat(ask("GET", "127.0.0.2", port, "/").statusCode()).isEqualTo(200);
        assertThat(listens(port)).isFalse();
        servers.repair(List.of(InetAddresses.parse("0.0.0.0"), InetAddresses.parse("::")));
        assertThat(listens(port)).isTrue();
    }

    private static Map<ServiceKey, ServiceHealth> gone(ServiceKey key) {
        return new HashMap<>(Collections.singletonMap(key, null));
    }

    /** Asks once and reads the whole answer, without giving the connection up. */
    private static String probe(Socket balancer) throws Exception {
        balancer.setSoTimeout(10_000);
        balancer.getOutputStream()
                .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = balancer.getInputStream();
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("\"serviceProxyHealthy\":true}")) {
            int next = in.read();
            assertThat(next).as(text.toString()).isNotEqualTo(-1);
            text.append((char) next);
        }
        return text.toString();
    }
}
