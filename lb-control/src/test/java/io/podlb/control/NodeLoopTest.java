package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.Endpoint;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointHints;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The loop of a node with a real data plane; what an API server would say is said by hand. */
@Timeout(60)
class NodeLoopTest {

    private final Settings settings = PlannerTest.settings(ClusterIpMode.PORT);
    private final AtomicBoolean failing = new AtomicBoolean();
    private final LoadBalancer server = LoadBalancer.start(LoadBalancerConfig.builder()
            .transport("nio")
            .eventLoops(1)
            .policies(settings.policies().plus("round-robin", this::balancer))
            .build());
    private final Inventory inventory = new Inventory(System::nanoTime, Instant.EPOCH, "the API server");
    private final NodeHealth health = NodeHealth.silent(System::nanoTime, Clock.systemUTC(), server.metrics());
    private final NodeLoop loop = loop(inventory, server, health);

    /** Takes what an update of the data plane takes, unless it is to fail. */
    private Balancer balancer(List<Backend> list) {
        if (failing.get()) {
            throw new IllegalStateException("broken on purpose");
        }
        return new Balancer() {
            @Override
            public @Nullable Pick pick(PickContext context) {
                return null;
            }

            @Override
            public Balancer with(List<Backend> next) {
                return balancer(next);
            }

            @Override
            public List<Backend> candidates() {
                return list;
            }
        };
    }

    private NodeLoop loop(Inventory known, LoadBalancer target, NodeHealth told) {
        return new NodeLoop(settings, known, new HandOver(target, false), new NodeRoutes(null, List.of()), told);
    }

    @AfterEach
    void close() {
        loop.close();
        health.close();
        server.close();
    }

    @Test
    void nothingIsServedBeforeAllListsAreComplete() throws Exception { // 1.11
        put("web", "10.244.0.1");
        assertThat(loop.view().stage()).isEqualTo(Stage.STARTING);
        assertThat(server.listeners()).isEmpty();
        inventory.complete();
        loop.awaitFirst();
        assertThat(loop.view().stage()).isEqualTo(Stage.READY);
        assertThat(open()).containsExactly("web");
    }

    @Test
    void aChangeOfOneServiceReachesTheDataPlaneAndTouchesNoOther() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            put(name, "10.244.0.1");
        }
        inventory.complete();
        loop.awaitFirst();
        List<ServicePlan> before = loop.view().services();
        inventory.slice(key("b"), slice("b"));
        await().until(() -> open().equals(List.of("a", "c")));
        List<ServicePlan> after = loop.view().services();
        assertThat(after.get(0)).isSameAs(before.get(0));
        assertThat(after.get(2)).isSameAs(before.get(2));
        inventory.service(key("a"), null);
        await().until(() -> server.listeners().stream()
                .noneMatch(listener -> listener.port().service().equals("a")));
        assertThat(loop.view().services()).extracting(ServicePlan::name).containsExactly("b", "c");
        inventory.slice(key("b"), slice("b", "10.244.0.9"));
        await().until(() -> open().equals(List.of("b", "c")));
        assertThat(server.metrics()
                        .getHistograms()
                        .get(NodeHealth.UPDATE_TO_EFFECT)
                        .getCount())
                .isGreaterThanOrEqualTo(3);
    }

    @Test
    void aServiceThatMakesTheTranslatorThrowStopsNoOther() throws Exception {
        put("web", "10.244.0.1");
        inventory.service(key("odd"), service("odd"));
        EndpointSlice broken = slice("odd", "10.244.0.2");
        broken.setEndpoints(List.of(new Endpoint() {
            @Override
            public EndpointHints getHints() {
                throw new IllegalStateException("broken");
            }

            @Override
            public List<String> getAddresses() {
                return List.of("10.244.0.2");
            }
        }));
        inventory.slice(key("odd"), broken);
        inventory.complete();
        loop.awaitFirst();
        assertThat(open()).containsExactly("web");
        assertThat(loop.view().services().get(0).problems())
                .extracting(Problem::toString)
                .anyMatch(text -> text.contains("podlb failed on it"));
    }

    @Test
    void balancersAndTheKubeletAreToldWhatTheLoopServes() throws Exception { // 11a, 11.10
        int port = freePort();
        Inventory told = new Inventory(System::nanoTime, Instant.EPOCH, "the API server");
        try (NodeHealth answers = NodeHealth.start(
                        new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0),
                        System::nanoTime,
                        Clock.systemUTC(),
                        server.metrics());
                NodeLoop spoken = loop(told, server, answers)) {
            await().until(() -> answers.address() != null);
            int healthz = answers.address().port();
            assertThat(status(healthz, "/healthz"))
                    .as("until the Node says otherwise")
                    .isEqualTo(200);
            told.service(key("web"), balanced("web", port));
            told.slice(key("web"), slice("web", "10.244.0.1"));
            told.node(new NodeBuilder()
                    .withNewMetadata()
                    .withName(settings.nodeName())
                    .endMetadata()
                    .build());
            told.complete();
            spoken.awaitFirst();
            await().until(() -> status(healthz, "/healthz") == 200);
            await().until(() -> status(port, "/") == 503); // the endpoint is not of this node
            EndpointSlice local = slice("web", "10.244.0.1");
            local.getEndpoints().get(0).setNodeName(settings.nodeName());
            told.slice(key("web"), local);
            await().until(() -> status(port, "/") == 200);
            told.service(key("web"), service("web")); // 20.3
            await().until(() -> status(port, "/") == -1);
            told.node(new NodeBuilder()
                    .withNewMetadata()
                    .withName(settings.nodeName())
                    .withDeletionTimestamp("2026-01-01T00:00:00Z")
                    .endMetadata()
                    .build());
            await().until(() -> status(healthz, "/healthz") == 503);
            assertThat(status(healthz, "/livez")).isEqualTo(200);
        }
    }

    private static Service balanced(String name, int healthCheckNodePort) {
        return new ServiceBuilder(service(name))
                .editSpec()
                .withType("LoadBalancer")
                .withExternalTrafficPolicy("Local")
                .withHealthCheckNodePort(healthCheckNodePort)
                .endSpec()
                .build();
    }

    /** -1 where nobody answers. */
    private static int status(int port, String path) throws InterruptedException {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return -1;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Whatever the order of events, what is served in the end is what a fresh start would serve. */
    @Test
    void afterRandomEventsTheTableIsThatOfAFreshStart() throws Exception {
        Random random = new Random(42);
        inventory.complete();
        loop.awaitFirst();
        for (int event = 0; event < 400; event++) {
            String name = "s" + random.nextInt(12);
            switch (random.nextInt(4)) {
                case 0 -> inventory.service(key(name), null);
                case 1 -> inventory.service(key(name), service(name));
                case 2 -> inventory.slice(key(name), null);
                default -> inventory.slice(key(name), slice(name, addresses(random)));
            }
        }
        assertThatTheTableIsThatOfAFreshStart();
    }

    @Test
    void aPassThatFailsIsMadeAgainUntilItSucceedsAndThenTheTableIsThatOfAFreshStart() throws Exception {
        put("a", "10.244.0.1");
        put("known", "10.244.0.1");
        inventory.complete();
        loop.awaitFirst();
        failing.set(true);
        inventory.service(key("new"), withPolicy(service("new"), "round-robin"));
        inventory.slice(key("new"), slice("new", "10.244.0.2"));
        inventory.service(key("a"), null);
        inventory.service(key("known"), withPolicy(service("known"), "round-robin")); // fails halfway
        inventory.slice(key("known"), slice("known"));
        await().until(() -> loop.view().services().size() == 2 && !open().contains("a"));
        assertThat(open()).containsExactly("known");
        failing.set(false); // and nothing else happens
        await().atMost(Duration.ofSeconds(20)).until(() -> open().equals(List.of("new")));
        assertThatTheTableIsThatOfAFreshStart();
        assertThat(server.metrics()
                        .getHistograms()
                        .get(NodeHealth.UPDATE_TO_EFFECT)
                        .getSnapshot()
                        .size())
                .as("the changes of the failed pass count once they are in force")
                .isPositive();
    }

    private static Service withPolicy(Service service, String policy) {
        service.getMetadata().setAnnotations(Map.of("podlb.io/policy", policy));
        return service;
    }

    private void assertThatTheTableIsThatOfAFreshStart() throws InterruptedException {
        Inventory copy = new Inventory(System::nanoTime, Instant.EPOCH, "the API server");
        for (ServiceKey key : inventory.keys()) {
            var known = inventory.get(key);
            copy.service(key, known.service() == null ? null : known.service().object());
            known.slices().forEach(slice -> copy.slice(ServiceKey.of(slice.object()), slice.object()));
        }
        copy.complete();
        try (LoadBalancer other = LoadBalancer.start(LoadBalancerConfig.builder()
                        .transport("nio")
                        .eventLoops(1)
                        .build());
                NodeHealth nobody = NodeHealth.silent(System::nanoTime, Clock.systemUTC(), other.metrics());
                NodeLoop fresh = loop(copy, other, nobody)) {
            fresh.awaitFirst();
            Map<ServicePortName, State> expected = new HashMap<>();
            other.listeners().forEach(listener -> expected.put(listener.port(), claimed(listener)));
            await().untilAsserted(() -> {
                assertThat(loop.view().services()).isEqualTo(fresh.view().services());
                Map<ServicePortName, State> actual = new HashMap<>();
                server.listeners().forEach(listener -> actual.put(listener.port(), claimed(listener)));
                assertThat(actual).isEqualTo(expected);
            });
        }
    }

    /** Both data planes of that test want the same ports, so one of them fails to bind what it wants. */
    private static State claimed(ListenerView listener) {
        return listener.state() == State.FAILED ? State.OPEN : listener.state();
    }

    private static String[] addresses(Random random) {
        List<String> addresses = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            addresses.add("10.244.0." + (1 + random.nextInt(9)));
        }
        return addresses.stream().distinct().toArray(String[]::new);
    }

    private List<String> open() {
        return server.listeners().stream()
                .filter(listener -> listener.state() == State.OPEN)
                .map(listener -> listener.port().service())
                .toList();
    }

    private void put(String name, String... endpoints) {
        inventory.service(key(name), service(name));
        inventory.slice(key(name), slice(name, endpoints));
    }

    private static ServiceKey key(String name) {
        return new ServiceKey("default", name);
    }

    private static Service service(String name) {
        String clusterIp = "10.96.1." + (name.hashCode() & 0xff);
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(clusterIp)
                .withClusterIPs(clusterIp)
                .withIpFamilies("IPv4")
                .addNewPort()
                .withPort(80)
                .withProtocol("TCP")
                .withTargetPort(new IntOrString(80))
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String name, String... addresses) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToLabels("kubernetes.io/service-name", name)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("")
                .withPort(80)
                .withProtocol("TCP")
                .endPort();
        for (String address : addresses) {
            slice.addNewEndpoint()
                    .withAddresses(address)
                    .withNewConditions()
                    .withReady(true)
                    .endConditions()
                    .endEndpoint();
        }
        return slice.build();
    }
}
