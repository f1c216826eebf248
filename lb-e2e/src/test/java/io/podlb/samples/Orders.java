package io.podlb.samples;

import dev.failsafe.Failsafe;
import dev.failsafe.RetryPolicy;
import io.podlb.kit.ServiceHandle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Places orders by the JDK's HttpClient, which repeats a GET once of itself and a POST never. That may be repeated, since
 * an order has a key by which the shop would know it again.
 */
final class Orders {

    private static final RetryPolicy<String> ONCE =
            RetryPolicy.<String>builder().withMaxRetries(0).build();
    private static final RetryPolicy<String> PATIENT = RetryPolicy.<String>builder()
            .handle(IOException.class)
            .withBackoff(Duration.ofMillis(20), Duration.ofMillis(500))
            .withMaxRetries(-1)
            .withMaxDuration(Duration.ofSeconds(60))
            .build();

    private final HttpClient client = HttpClient.newHttpClient();
    private final RetryPolicy<String> retries;
    private final HttpRequest.Builder request;

    private Orders(ServiceHandle shop, RetryPolicy<String> retries) {
        this.retries = retries;
        this.request = HttpRequest.newBuilder(URI.create(shop.uri() + "orders"))
                .header("Idempotency-Key", "order-4711")
                .POST(HttpRequest.BodyPublishers.noBody());
    }

    /** The client as it comes: no timeout, no retry. */
    static Orders unprotected(ServiceHandle shop) {
        return new Orders(shop, ONCE);
    }

    /** Gives up an answer that takes more than a second, and tries again for a minute. */
    static Orders withTimeoutAndRetries(ServiceHandle shop) {
        Orders orders = new Orders(shop, PATIENT);
        orders.request.timeout(Duration.ofSeconds(1));
        return orders;
    }

    /** The name of the Pod that took it, or an {@link IOException} in what it completes with. */
    CompletableFuture<String> place() {
        return Failsafe.with(retries)
                .getStageAsync(() -> client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                        .thenApply(HttpResponse::body));
    }
}
