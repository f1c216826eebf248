package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.report.Complaint;
import io.podlb.control.report.ServiceEvents;
import io.podlb.control.source.ApiServer;
import io.podlb.control.source.InformerSource;
import io.podlb.control.source.InformerSource.Selection;
import io.podlb.control.source.Patience;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/** The rights of {@code docker/kustomize/base/clusterrole.yaml} against what podlb asks of an API server. */
class RightsTest {

    private static final byte[] NOTHING = """
            {"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": "1"}, "items": []}
            """.getBytes(StandardCharsets.UTF_8);

    private final Set<String> asked = new ConcurrentSkipListSet<>();

    @Test
    void podlbHasTheRightsThatItUsesAndNoOthers() throws Exception {
        Set<String> granted = granted();
        HttpServer api = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ExecutorService threads = Executors.newCachedThreadPool();
        api.setExecutor(threads);
        api.createContext("/", this::answer);
        api.start();
        Clock clock = Clock.systemUTC();
        Inventory inventory = new Inventory(() -> 0, Instant.EPOCH, "api");
        String url = "http://127.0.0.1:" + api.getAddress().getPort();
        try (ApiServer server = ApiServer.open(null, url, Map.of(), () -> 0, clock);
                InformerSource source =
                        new InformerSource(server, new Selection("node-a", null), inventory, clock, Patience.DEFAULT)) {
            source.start();
            new ServiceEvents(server::create, "node-a", clock)
                    .tell(List.of(
                            new Complaint(new ServiceKey("default", "web"), null, Complaint.NOT_SERVED, "no reason")));
            await().untilAsserted(() -> assertThat(asked).containsExactlyInAnyOrderElementsOf(granted));
            await().until(inventory::isComplete);
            assertThat(asked).containsExactlyInAnyOrderElementsOf(granted);
        } finally {
            api.stop(0);
            threads.shutdownNow();
        }
    }

    private static Set<String> granted() {
        ClusterRole role =
                DockerFolder.read(DockerFolder.PATH.resolve("kustomize/base/clusterrole.yaml"), ClusterRole.class);
        Set<String> granted = new TreeSet<>();
        role.getRules()
                .forEach(rule -> rule.getApiGroups()
                        .forEach(group -> rule.getResources()
                                .forEach(resource ->
                                        rule.getVerbs().forEach(verb -> granted.add(right(verb, group, resource))))));
        return granted;
    }

    /** Notes the right that a request needs; says that there is nothing, and watches say that for as long as it takes. */
    private void answer(HttpExchange exchange) throws IOException {
        List<String> path =
                List.of(exchange.getRequestURI().getPath().substring(1).split("/"));
        boolean core = path.get(0).equals("api");
        boolean namespaced = path.contains("namespaces");
        String resource = path.get((core ? 2 : 3) + (namespaced ? 2 : 0));
        boolean watch = String.valueOf(exchange.getRequestURI().getQuery()).contains("watch=true");
        String verb = switch (exchange.getRequestMethod()) {
            case "GET" -> path.size() > (core ? 3 : 4) ? "get" : watch ? "watch" : "list";
            case "POST" -> "create";
            default -> exchange.getRequestMethod();
        };
        asked.add(right(verb, core ? "" : path.get(1), resource));
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, watch ? 0 : NOTHING.length);
        if (watch) {
            exchange.getResponseBody().flush();
        } else {
            exchange.getResponseBody().write(NOTHING);
            exchange.close();
        }
    }

    private static String right(String verb, String group, String resource) {
        return verb + " " + resource + (group.isEmpty() ? "" : "." + group);
    }
}
