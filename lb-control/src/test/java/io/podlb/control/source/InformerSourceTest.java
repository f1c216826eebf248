package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDR;
import io.fabric8.kubernetes.api.model.networking.v1.ServiceCIDRBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.Changes;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.cluster.Sourced;
import io.podlb.control.source.InformerSource.Selection;
import io.podlb.server.service.Cidr;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InformerSourceTest {

    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(10), Duration.ofMinutes(3), Duration.ofMillis(50));

    private final SteppedClock clock = new SteppedClock();
    private final Inventory inventory = new Inventory(() -> 0, Instant.EPOCH, "api");
    private FakeApiServer fake;
    private ApiServer server;
    private InformerSource source;

    @BeforeEach
    void listens() throws Exception {
        fake = FakeApiServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        server = ApiServer.open(null, fake.url(), Map.of(), () -> 0, clock);
    }

    @AfterEach
    void ends() {
        if (source != null) {
            source.close();
        }
        server.close();
        fake.close();
    }

    @Test
    void theInitialListsArriveTrimmed() {
        fake.put(service("web", Map.of("app", "web")));
        fake.put(slice("web-1", "web", "10.244.1.5"));
        fake.put(node("node-a"));
        fake.put(node("node-b"));
        begin(null);

        await().until(inventory::isComplete);
        Changes changes = inventory.take();
        assertThat(changes.services()).containsOnlyKeys(WEB);
        assertThat(changes.node().getMetadata().getName()).isEqualTo("node-a");
        Service web = inventory.get(WEB).service().object();
        assertThat(web.getMetadata().getResourceVersion()).isNull();
        assertThat(web.getMetadata().getLabels()).isEmpty();
        assertThat(web.getSpec().getClusterIP()).isEqualTo("10.96.0.10");
        assertThat(addresses()).containsExactly("10.244.1.5");
        assertThat(fake.asked())
                .contains(
                        "services?labelSelector=!" + PROXY_NAME + ",!service.kubernetes.io/headless",
                        "nodes?fieldSelector=metadata.name=node-a");
    }

    @Test
    void nothingIsCompleteBeforeTheLastListIs() { // 1.11
        fake.put(service("web", Map.of()));
        fake.holdBack("endpointslices", true);
        begin(null);

        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
        eventually(() -> assertThat(fake.asked()).anyMatch(list -> list.startsWith("nodes")));
        assertThat(inventory.isComplete()).isFalse();
        assertThat(inventory.take()).isNull();
        assertThat(source.status().complete()).isFalse();
        assertThat(source.status().detail()).startsWith("waits for the initial lists");

        fake.holdBack("endpointslices", false);
        await().until(inventory::isComplete);
    }

    @Test
    void changesArriveAndVersionsAloneAreNone() {
        fake.put(service("web", Map.of()));
        complete(null);
        fake.put(slice("web-1", "web", "10.244.1.5"));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.5"));
        inventory.take();

        fake.put(service("web", Map.of("some", "label")));
        fake.put(slice("web-1", "web", "10.244.1.6"));
        fake.put(service("other", Map.of()));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.6"));
        eventually(() -> assertThat(inventory.keys()).hasSize(2));
        fake.delete(slice("web-1", "web"));
        fake.delete(service("other", Map.of()));
        eventually(() -> assertThat(addresses()).isEmpty());
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));

        inventory.take();
        fake.put(service("web", Map.of("other", "label")));
        fake.put(service("mark", Map.of()));
        eventually(() -> assertThat(inventory.keys()).hasSize(2));
        assertThat(inventory.take().services()).containsOnlyKeys(new ServiceKey("default", "mark"));
    }

    @Test
    void aLabelTakesAServiceAwayAndGivesItBack() { // 1.1, 1.3, 1.4
        fake.put(service("web", Map.of()));
        fake.put(slice("web-1", "web", "10.244.1.5"));
        complete(null);
        for (String label : List.of(PROXY_NAME, "service.kubernetes.io/headless")) {
            fake.put(service("web", Map.of(label, "")));
            eventually(() -> assertThat(inventory.keys()).as(label).isEmpty());
            fake.put(service("web", Map.of()));
            eventually(() -> assertThat(inventory.keys()).as(label).containsExactly(WEB));
        }
    }

    @Test
    void aProxyNameTakesExactlyWhatNamesIt() { // 1.2
        fake.put(service("web", Map.of(PROXY_NAME, "podlb")));
        fake.put(service("plain", Map.of()));
        fake.put(service("foreign", Map.of(PROXY_NAME, "other")));
        complete("podlb");
        assertThat(inventory.keys()).containsExactly(WEB);

        fake.put(service("plain", Map.of(PROXY_NAME, "podlb")));
        fake.put(service("web", Map.of()));
        eventually(() -> assertThat(inventory.keys()).containsExactly(new ServiceKey("default", "plain")));
    }

    @Test
    void anOutageKeepsTheLastStateAndAfterItEverythingIsCurrent() throws Exception { // 1.12
        fake.put(service("web", Map.of()));
        fake.put(service("gone", Map.of()));
        fake.put(slice("web-1", "web", "10.244.1.5"));
        complete(null);
        eventually(() -> assertThat(fake.watches()).isGreaterThanOrEqualTo(3));

        fake.down();
        eventually(() -> {
            clock.advance(Duration.ofSeconds(11));
            assertThat(source.status().stale()).isTrue();
        });
        assertThat(source.status().staleSince()).isBefore(clock.instant());
        assertThat(source.status().detail()).startsWith("may have missed changes since ");
        assertThat(inventory.keys()).hasSize(2);
        assertThat(addresses()).containsExactly("10.244.1.5");

        fake.delete(service("gone", Map.of()));
        fake.put(slice("web-1", "web", "10.244.1.9"));
        fake.expireHistory();
        fake.up();
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.9"));
        eventually(() -> assertThat(source.status().stale()).isFalse());
        assertThat(source.status().detail()).isEmpty();
    }

    @Test
    void aServerThatRefusesAtFirstIsAskedAgain() {
        fake.put(service("web", Map.of()));
        fake.refuse(true);
        begin(null);
        eventually(() -> assertThat(source.status().detail()).contains("services: ", "503"));
        fake.refuse(false);
        await().until(inventory::isComplete);
        assertThat(inventory.keys()).containsExactly(WEB);
    }

    @Test
    void aVersionThatTheServerForgotLeadsToAnotherList() {
        fake.put(service("web", Map.of()));
        fake.put(service("gone", Map.of()));
        complete(null);
        fake.delete(service("gone", Map.of()));
        fake.put(service("late", Map.of()));
        fake.expireHistory();
        fake.breakWatches();
        eventually(
                () -> assertThat(inventory.keys()).containsExactlyInAnyOrder(WEB, new ServiceKey("default", "late")));
    }

    @Test
    void duplicatesAreNoChange() { // 3.1
        fake.duplicate(true);
        fake.put(service("web", Map.of()));
        complete(null);
        inventory.take();
        AtomicLong alarms = new AtomicLong();
        inventory.onChange(alarms::incrementAndGet);
        fake.put(slice("web-1", "web", "10.244.1.5"));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.5"));
        fake.put(service("mark", Map.of()));
        eventually(() -> assertThat(inventory.keys()).hasSize(2));
        fake.put(service("second", Map.of()));
        eventually(() -> assertThat(inventory.keys()).hasSize(3));
        assertThat(alarms).hasValueLessThanOrEqualTo(3);
    }

    @Test
    void inOneWatchTheOlderVersionOfAnObjectNeverWins() {
        EndpointSlice first = slice("web-1", "web", "10.244.1.5");
        complete(null);
        fake.put(first);
        String older = first.getMetadata().getResourceVersion();
        fake.put(slice("web-1", "web", "10.244.1.6"));
        fake.sayLate(slice("web-1", "web", "10.244.1.5"), older);
        fake.sayLateThatItIsGone(slice("web-1", "web", "10.244.1.5"), older);
        thisWatchHasSaidAll("first");
        assertThat(addresses()).containsExactly("10.244.1.6");

        EndpointSlice last = slice("web-1", "web", "10.244.1.7");
        fake.put(last);
        String latest = last.getMetadata().getResourceVersion();
        fake.sayLateThatItIsGone(last, latest + "0");
        fake.sayLate(slice("web-1", "web", "10.244.1.8"), latest);
        thisWatchHasSaidAll("second");
        assertThat(addresses()).as("it does not rise again").isEmpty();

        fake.sayLate(slice("web-1", "web", "10.244.1.9"), "not-a-number");
        thisWatchHasSaidAll("third");
        assertThat(addresses()).as("who can tell").containsExactly("10.244.1.9");
    }

    /** Its last event has come through. */
    private void thisWatchHasSaidAll(String mark) {
        fake.put(slice(mark, mark, "10.244.9.9"));
        eventually(
                () -> assertThat(inventory.get(new ServiceKey("default", mark)).slices())
                        .hasSize(1));
    }

    @Test
    void aListWinsWhateverItsVersionsAre() { // of a cluster that was restored from a backup
        fake.put(slice("web-1", "web", "10.244.1.5"));
        complete(null);
        fake.put(slice("web-1", "web", "10.244.1.6"));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.6"));
        EndpointSlice restored = slice("web-1", "web", "10.244.1.4");
        restored.getMetadata().setResourceVersion("1");
        fake.putRaw("endpointslices", "default/web-1", Serialization.asJson(restored));
        fake.expireHistory();
        fake.breakWatches();
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.4"));
    }

    @Test
    void serviceRangesThatAreNotAnsweredKeepNoWatchFromBeingReplaced() {
        fake.put(ranges("10.96.0.0/12"));
        fake.put(service("web", Map.of()));
        complete(null);
        eventually(() -> assertThat(fake.watches()).isGreaterThanOrEqualTo(3));
        fake.holdBack("servicecidrs", true);
        fake.silence();
        fake.put(slice("web-1", "web", "10.244.1.5"));
        clock.advance(Duration.ofMinutes(4)); // it is time to ask for the ranges, too
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(addresses()).containsExactly("10.244.1.5"));
    }

    @Test
    void objectsThatDoNotParseStopNoOthers() {
        fake.putRaw(
                "services",
                "default/broken",
                "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":"
                        + "\"broken\",\"namespace\":\"default\",\"resourceVersion\":\"VERSION\"},\"spec\":{\"ports\":"
                        + "[{\"port\":\"eighty\"}],\"clusterIPs\":7}}");
        fake.putRaw("services", "default/bare", "{\"kind\":\"Service\",\"apiVersion\":\"v1\"}");
        fake.put(service("web", Map.of()));
        complete(null);
        assertThat(inventory.keys()).contains(WEB);

        fake.putRaw(
                "endpointslices",
                "default/bare",
                "{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/v1\"}");
        fake.put(slice("web-1", "web", "10.244.1.5"));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.5"));
        fake.putRaw("endpointslices", "default/torn", "{\"kind\":\"Endpoint");
        fake.delete("endpointslices", "default/torn");
        fake.put(slice("web-1", "web", "10.244.1.6"));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.6"));
    }

    @Test
    void lettersOutsideOfAsciiArrive() {
        complete(null);
        Service web = service("web", Map.of());
        web.getMetadata().setAnnotations(Map.of("podlb.io/policy", "größe 東京 🚀", "x", "ü".repeat(100_000)));
        int lists = fake.lists();
        fake.put(web);
        fake.put(service("next", Map.of()));
        eventually(() -> assertThat(inventory.keys()).hasSize(2));
        assertThat(inventory.get(WEB).service().object().getMetadata().getAnnotations())
                .containsOnly(Map.entry("podlb.io/policy", "größe 東京 🚀"));
        assertThat(fake.lists()).isEqualTo(lists);
    }

    @Test
    void aWatchThatFallsSilentIsReplaced() {
        fake.put(service("web", Map.of()));
        fake.put(service("gone", Map.of()));
        complete(null);
        eventually(() -> assertThat(fake.watches()).isGreaterThanOrEqualTo(3));
        fake.silence();
        fake.delete(service("gone", Map.of()));
        fake.put(slice("web-1", "web", "10.244.1.5"));

        clock.advance(Duration.ofMinutes(4));
        eventually(() -> assertThat(inventory.keys()).containsExactly(WEB));
        eventually(() -> assertThat(addresses()).containsExactly("10.244.1.5"));
        eventually(() -> assertThat(source.status().stale()).isFalse());
    }

    @Test
    void serviceRangesAreFound() {
        fake.put(ranges("10.96.0.0/12", "fd00:96::/108"));
        complete(null);
        assertThat(inventory.take().serviceRanges())
                .containsExactly(Cidr.parse("10.96.0.0/12"), Cidr.parse("fd00:96::/108"));
    }

    @Test
    void afterRandomEventsAndBreaksTheInventoryIsWhatTheServerHas() {
        Random random = new Random(20_261_124);
        Map<String, HasMetadata> expected = new TreeMap<>();
        complete(null);
        for (int step = 0; step < 200; step++) {
            String name = "s" + random.nextInt(8);
            HasMetadata object = random.nextBoolean()
                    ? service(name, random.nextInt(4) == 0 ? Map.of(PROXY_NAME, "x") : Map.of())
                    : slice(name + "-" + random.nextInt(2), name, "10.244.1." + (1 + random.nextInt(250)));
            String key = object.getKind() + object.getMetadata().getName();
            if (random.nextInt(4) == 0) {
                fake.delete(object);
                expected.remove(key);
            } else {
                fake.put(object);
                expected.put(key, object);
            }
            switch (random.nextInt(40)) {
                case 0 -> fake.breakWatches();
                case 1 -> {
                    fake.expireHistory();
                    fake.breakWatches();
                }
                case 2 -> fake.duplicate(random.nextBoolean());
                case 3 -> fake.silence();
                default -> {}
            }
        }
        eventually(() -> {
            clock.advance(Duration.ofMinutes(1)); // a silence that nothing else ended
            assertThat(known()).isEqualTo(visible(expected));
        });
    }

    private Map<String, Object> known() {
        Map<String, Object> known = new TreeMap<>();
        for (int i = 0; i < 8; i++) {
            var objects = inventory.get(new ServiceKey("default", "s" + i));
            if (objects.service() != null) {
                known.put("Services" + i, objects.service().object());
            }
            for (Sourced<EndpointSlice> slice : objects.slices()) {
                known.put("EndpointSlice" + slice.object().getMetadata().getName(), slice.object());
            }
        }
        return known;
    }

    private static Map<String, Object> visible(Map<String, HasMetadata> expected) {
        Map<String, Object> visible = new TreeMap<>();
        expected.forEach((key, object) -> {
            if (object instanceof EndpointSlice slice) {
                visible.put(key, Trim.slice(slice));
            } else if (object instanceof Service service
                    && service.getMetadata().getLabels().isEmpty()) {
                visible.put(key, Trim.service(service));
            }
        });
        return visible;
    }

    private void begin(@Nullable String proxyName) {
        source = new InformerSource(server, new Selection("node-a", proxyName), inventory, clock, PATIENCE);
        source.start();
    }

    private void complete(@Nullable String proxyName) {
        begin(proxyName);
        await().until(inventory::isComplete);
    }

    private List<String> addresses() {
        return inventory.get(WEB).slices().stream()
                .flatMap(slice -> slice.object().getEndpoints().stream())
                .flatMap(endpoint -> endpoint.getAddresses().stream())
                .toList();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(assertion);
    }

    private static Service service(String name, Map<String, String> labels) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withClusterIP("10.96.0.10")
                .addNewPort()
                .withPort(80)
                .endPort()
                .endSpec()
                .build();
    }

    private static EndpointSlice slice(String name, String service, String... addresses) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .addToLabels("kubernetes.io/service-name", service)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(addresses)
                .withNodeName("node-a")
                .endEndpoint()
                .addNewPort()
                .withPort(8080)
                .endPort()
                .build();
    }

    private static ServiceCIDR ranges(String... cidrs) {
        return new ServiceCIDRBuilder()
                .withNewMetadata()
                .withName("kubernetes")
                .endMetadata()
                .withNewSpec()
                .withCidrs(cidrs)
                .endSpec()
                .build();
    }

    private static Node node(String name) {
        return new NodeBuilder().withNewMetadata().withName(name).endMetadata().build();
    }
}
