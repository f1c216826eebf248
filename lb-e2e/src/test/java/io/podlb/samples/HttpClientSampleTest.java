package io.podlb.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.kit.ConnectionRecord;
import io.podlb.kit.Injection;
import io.podlb.kit.KitFault;
import io.podlb.kit.KitService;
import io.podlb.kit.Lab;
import io.podlb.kit.PodHandle;
import io.podlb.kit.Pods;
import io.podlb.kit.ServiceHandle;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * An HTTP client behind a Service. A balancer of connections tries another Pod if one cannot be connected to; whatever
 * goes wrong after that is for the client to mend, since it alone knows what may be sent twice.
 *
 * <p>What to take along: send each request with a timeout, repeat it with a pause in between, and give whatever changes
 * something a key that makes repeating harmless.
 */
class HttpClientSampleTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static KitService shop() {
        return KitService.named("shop").port(80).pods(3).policy("round-robin");
    }

    /** A rollout ends a Pod while it works on an order. */
    private static CompletableFuture<String> orderDuringARollout(Function<ServiceHandle, Orders> client)
            throws InterruptedException {
        ShopPod pods = new ShopPod(1);
        try (Lab lab =
                Lab.builder().service(shop()).pods("shop", Pods.handler(pods)).start()) {
            ServiceHandle shop = lab.service("shop");
            CompletableFuture<String> order = client.apply(shop).place();
            pods.awaitHeld();
            shop.rollingUpdate();
            return settled(order);
        }
    }

    @Test
    void anOrderThatARolloutCutsOffIsPlacedAgain() throws InterruptedException {
        assertThat(orderDuringARollout(Orders::withTimeoutAndRetries)).isCompleted();
    }

    @Test
    void withoutRetriesARolloutLosesTheOrder() throws InterruptedException {
        assertLost(orderDuringARollout(Orders::unprotected));
    }

    /** One of three Pods is dead in a way that no balancer sees: it accepts, and resets at the first byte. */
    private static List<CompletableFuture<String>> ordersWithADeadPod(Function<ServiceHandle, Orders> client) {
        try (Lab lab = Lab.builder()
                .service(shop())
                .pods("shop", Pods.handler(new ShopPod(0)))
                .start()) {
            ServiceHandle shop = lab.service("shop");
            Orders orders = client.apply(shop);
            try (Injection dead = shop.pod(0).inject(KitFault.cutAfter(1).toBackend())) {
                List<CompletableFuture<String>> placed = new ArrayList<>();
                for (int i = 0; i < 9; i++) {
                    placed.add(settled(orders.place()));
                }
                assertThat(dead.hits()).isPositive();
                return placed;
            }
        }
    }

    @Test
    void aDeadPodCostsNoOrder() {
        assertThat(ordersWithADeadPod(Orders::withTimeoutAndRetries))
                .allSatisfy(order -> assertThat(order).isCompleted());
    }

    @Test
    void withoutRetriesADeadPodCostsItsShareOfTheOrders() {
        List<CompletableFuture<String>> lost = ordersWithADeadPod(Orders::unprotected).stream()
                .filter(CompletableFuture::isCompletedExceptionally)
                .toList();
        assertThat(lost).hasSize(3).allSatisfy(HttpClientSampleTest::assertLost);
    }

    /** A Pod that connects like any other and does not answer for an hour. */
    @Test
    void aTimeoutGetsPastASlowPodWhileWhoHasNoneIsStillWaiting() {
        List<CompletableFuture<String>> waiting = new ArrayList<>();
        try (Lab lab = Lab.builder()
                .service(shop())
                .pods("shop", Pods.handler(new ShopPod(0)))
                .start()) {
            ServiceHandle shop = lab.service("shop");
            shop.pod(0).inject(KitFault.latency(Duration.ofHours(1)).toClient());
            Orders unprotected = Orders.unprotected(shop);
            for (int i = 0; i < 3; i++) {
                waiting.add(unprotected.place());
            }
            await().atMost(PATIENCE)
                    .until(() ->
                            waiting.stream().filter(CompletableFuture::isDone).count() == 2);
            waiting.removeIf(CompletableFuture::isDone);
            Orders withTimeout = Orders.withTimeoutAndRetries(shop);
            for (int i = 0; i < 3; i++) {
                assertThat(withTimeout.place())
                        .succeedsWithin(PATIENCE)
                        .isNotEqualTo(shop.pod(0).name());
            }
            assertThat(waiting)
                    .singleElement()
                    .satisfies(order -> assertThat(order).isNotDone());
        }
        assertThat(waiting).singleElement().satisfies(HttpClientSampleTest::assertLost); // the lab's end ended it
    }

    /**
     * All Pods of the client's own zone die, and the Service prefers that zone. Only when somebody notices that they are
     * not ready does the other zone take over; until then nobody can be connected to, and the client has to wait.
     */
    private static CompletableFuture<String> orderDuringAnOutage(Function<ServiceHandle, Orders> client) {
        try (Lab lab = Zones.start("shop", Pods.handler(new ShopPod(0)))) {
            ServiceHandle shop = lab.service("shop");
            List<PodHandle> zone = Zones.podsOf(shop, "a");
            zone.forEach(PodHandle::crash);
            CompletableFuture<String> order = client.apply(shop).place();
            await().atMost(PATIENCE).until(() -> shop.connections().stream().anyMatch(ConnectionRecord::failed));
            zone.forEach(PodHandle::unready); // as the kubelet finds by its probes
            return settled(order);
        }
    }

    @Test
    void anOrderOutlastsTheOutageOfAZone() {
        assertThat(orderDuringAnOutage(Orders::withTimeoutAndRetries)).isCompleted();
    }

    @Test
    void withoutRetriesTheOutageOfAZoneLosesTheOrder() {
        assertLost(orderDuringAnOutage(Orders::unprotected));
    }

    private static void assertLost(CompletableFuture<String> order) {
        assertThat(order).failsWithin(PATIENCE).withThrowableThat().withRootCauseInstanceOf(IOException.class);
    }

    /** The same, once it is known how it ended. */
    private static CompletableFuture<String> settled(CompletableFuture<String> order) {
        await().atMost(PATIENCE).until(order::isDone);
        return order;
    }
}
