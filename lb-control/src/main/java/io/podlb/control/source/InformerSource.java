package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.podlb.control.cluster.Inventory;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an {@link Inventory} the same as an API server: Services and EndpointSlices of all namespaces, this node's
 * object, and the service ranges where the cluster tells them.
 *
 * <p>Labels are selected by the server (kube-semantics 1.1 to 1.4), so an object whose label changes comes and goes like
 * a new or deleted one. Nothing is complete before all initial lists are (1.11). Whatever happens to the API server
 * later, the inventory keeps its last state (1.12) and this tries again for ever; a watch that says nothing is replaced.
 *
 * <p>Use: {@link #start} once; {@link #status} and {@link #close} from any thread. The inventory's alarm is called by
 * threads of the client. Does not own the server.
 */
public final class InformerSource implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(InformerSource.class);
    private static final int LOOKS = 2; // a thread each: that for ranges waits for an answer
    private static final String PROXY_NAME = "service.kubernetes.io/service-proxy-name";
    private static final String HEADLESS = "service.kubernetes.io/headless";

    private final Inventory inventory;
    private final Clock clock;
    private final Patience patience;
    private final List<KindInformer<?>> informers;
    private final ServiceRanges ranges;
    private final ScheduledExecutorService looks;

    /**
     * What to look for.
     *
     * @param nodeName of this node
     * @param proxyName serve exactly the objects that name this proxy (1.2); null: those that name none
     */
    public record Selection(String nodeName, @Nullable String proxyName) {

        String labels() {
            return (proxyName == null ? "!" + PROXY_NAME : PROXY_NAME + "=" + proxyName) + ",!" + HEADLESS;
        }
    }

    /**
     * Asks nothing yet.
     *
     * @param inventory gets everything; belongs to the caller, who gives it to one source only
     * @param clock the one that the server was opened with
     */
    public InformerSource(ApiServer server, Selection selection, Inventory inventory, Clock clock, Patience patience) {
        this.inventory = inventory;
        this.clock = clock;
        this.patience = patience;
        this.ranges = new ServiceRanges(server.client(), inventory::serviceRanges);
        this.informers = informers(server, selection, inventory);
        this.looks = Executors.newScheduledThreadPool(LOOKS, task -> {
            Thread thread = new Thread(task, "podlb-api-looks");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Begins to list and watch, and returns at once. */
    public void start() {
        CompletableFuture<Void> looked = new CompletableFuture<>();
        CompletableFuture<?>[] lists =
                informers.stream().map(KindInformer::start).toArray(CompletableFuture<?>[]::new);
        var unused = CompletableFuture.allOf(lists)
                .thenCombine(looked, (listed, ranged) -> true)
                .thenRun(inventory::complete);
        again(
                "silent watches",
                () -> informers.forEach(informer -> informer.replaceIfSilent(clock.instant(), patience.silence())));
        again("service ranges", () -> {
            if (ranges.look(clock.instant())) {
                looked.complete(null);
            }
        });
    }

    /** As of now. */
    public SourceStatus status() {
        Instant now = clock.instant();
        boolean complete = inventory.isComplete();
        Instant since = informers.stream()
                .map(informer -> informer.deafSince(now, patience))
                .filter(Objects::nonNull)
                .min(Instant::compareTo)
                .orElse(null);
        boolean stale = complete && since != null;
        String troubles = informers.stream()
                .map(KindInformer::trouble)
                .filter(trouble -> !trouble.isEmpty())
                .collect(Collectors.joining("; "));
        return new SourceStatus(complete, stale, stale ? since : null, detail(complete, stale, since, troubles));
    }

    /** Ends all watches. The inventory keeps what it has. */
    @Override
    public void close() {
        looks.shutdownNow();
        informers.forEach(KindInformer::close);
    }

    private String detail(boolean complete, boolean stale, @Nullable Instant since, String troubles) {
        String rest = troubles.isEmpty() ? "" : " (" + troubles + ")";
        if (!complete) {
            return "waits for the initial lists" + rest;
        }
        return stale ? "may have missed changes since " + since + rest : "";
    }

    private void again(String what, Runnable look) {
        var unused = looks.scheduleWithFixedDelay(
                () -> {
                    try {
                        look.run();
                    } catch (RuntimeException | Error e) {
                        // A periodic task that throws is never run again.
                        log.error("API server: a look for {} failed, the next one follows", what, e);
                    }
                },
                0,
                patience.look().toMillis(),
                TimeUnit.MILLISECONDS);
    }

    private static List<KindInformer<?>> informers(ApiServer server, Selection selection, Inventory inventory) {
        KubernetesClient client = server.client();
        WatchStreams streams = server.streams();
        return List.of(
                new KindInformer<Service>(
                        "services",
                        () -> client.services().inAnyNamespace().withLabelSelector(selection.labels()),
                        new InventoryStore<>(Trim::service, inventory::service),
                        streams),
                new KindInformer<EndpointSlice>(
                        "endpointslices",
                        () -> client.discovery()
                                .v1()
                                .endpointSlices()
                                .inAnyNamespace()
                                .withLabelSelector(selection.labels()),
                        new InventoryStore<>(Trim::slice, inventory::slice),
                        streams),
                new KindInformer<Node>(
                        "nodes",
                        () -> client.nodes().withField("metadata.name", selection.nodeName()),
                        new InventoryStore<>(Trim::node, (key, node) -> inventory.node(node)),
                        streams));
    }
}
