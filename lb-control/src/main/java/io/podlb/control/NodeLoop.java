package io.podlb.control;

import com.codahale.metrics.Histogram;
import io.fabric8.kubernetes.api.model.Node;
import io.podlb.control.address.AddressMap;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.ListeningSockets;
import io.podlb.control.address.LocalRoute;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.address.Placement;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.Changes;
import io.podlb.control.cluster.Inventory.Touched;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.metrics.BucketReservoir;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.TableChange;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the data plane in step with an {@link Inventory}. One thread does everything: it takes what was touched,
 * translates these Services alone, and hands over what differs. Touches that come while it works are taken together.
 * Nothing is served before the inventory is complete (kube-semantics 1.11).
 *
 * <p>{@link #view} and {@link #drain} may be called by any thread; {@link #close} by the one that made it, before it
 * closes what the loop works on. Owns nothing but its thread.
 */
final class NodeLoop implements AutoCloseable {

    /** Time from the first news of a change until new connections are balanced by it. */
    static final String UPDATE_TO_EFFECT = "podlb_update_to_effect_seconds";

    private static final Logger log = LoggerFactory.getLogger(NodeLoop.class);
    private static final long REPAIR_SECONDS = 5;
    private static final long CLOSE_SECONDS = 5;

    private final Inventory inventory;
    private final LoadBalancer server;
    private final AddressMap addresses;
    private final boolean highPorts;
    private final boolean shadow;
    private final List<Cidr> configuredRanges;
    private final @Nullable LocalRoute route;
    private final @Nullable NodeHealth health;
    private final Supplier<@Nullable String> stale;
    private final LongSupplier nanoTime;
    private final Histogram updateToEffect;
    private final NodeTable table;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final CountDownLatch firstPass = new CountDownLatch(1);
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "lb-control");
        made.setDaemon(true);
        return made;
    });
    private List<InetAddress> interfaces = List.of(); // control thread
    private long version; // control thread
    private boolean unfinished; // control thread; whether the last pass failed, so that nobody knows how far it came
    private boolean unsure = true; // control thread; whether the last hand-over may not have come about
    private volatile Placement placement = Placement.NOWHERE; // written by the control thread, as is the next one
    private volatile NodeFacts node;
    private volatile boolean draining; // written by drain()

    /**
     * A loop that waits for the inventory.
     *
     * @param route the routes of the service ranges; null where cluster IPs are not bound as they stand
     * @param health what is told of this node; the caller's to close, after the loop. Null: nothing is told
     * @param stale why the inventory may be out of date; gives null if it is not. Any thread
     * @param nanoTime the time of the inventory
     * @param shadow whether to say what would be served, and serve nothing
     */
    NodeLoop(
            Settings settings,
            Inventory inventory,
            LoadBalancer server,
            @Nullable LocalRoute route,
            @Nullable NodeHealth health,
            Supplier<@Nullable String> stale,
            LongSupplier nanoTime,
            boolean shadow) {
        this.shadow = shadow;
        this.inventory = inventory;
        this.server = server;
        this.addresses = settings.addressMap();
        this.highPorts = settings.mode() != ClusterIpMode.BIND;
        this.configuredRanges = settings.admission().serviceCidrs();
        this.route = route;
        this.health = health;
        this.stale = stale;
        this.nanoTime = nanoTime;
        this.updateToEffect =
                server.metrics().histogram(UPDATE_TO_EFFECT, () -> new Histogram(BucketReservoir.ofShortTimes()));
        this.table = new NodeTable(inventory, settings.translation());
        this.node = new NodeFacts(settings.nodeName(), null);
        inventory.onChange(this::wake);
        var unused = thread.scheduleWithFixedDelay(this::repair, REPAIR_SECONDS, REPAIR_SECONDS, TimeUnit.SECONDS);
        wake();
    }

    /** What is served now, and why. */
    ControlView view() {
        Stage stage = draining ? Stage.DRAINING : firstPass.getCount() == 0 ? Stage.READY : Stage.STARTING;
        Placement now = placement;
        List<ServicePlan> plans = table.plans();
        if (shadow) {
            ListeningSockets sockets = ListeningSockets.ofThisMachine();
            plans = plans.stream().map(plan -> Shadow.of(plan, now, sockets)).toList();
        }
        return new ControlView(node, plans, now, Map.of(), List.of(), stage, stale.get());
    }

    /** Waits until the first table is in force. */
    void awaitFirst() throws InterruptedException {
        firstPass.await();
    }

    /** Called with every event: one pass is enough for all that came before it begins. */
    private void wake() {
        if (health != null) {
            health.queued();
        }
        if (!awake.getAndSet(true)) {
            try {
                thread.execute(() -> {
                    awake.set(false);
                    next();
                });
            } catch (RejectedExecutionException e) {
                log.debug("a change came too late, podlb drains");
            }
        }
    }

    private void next() {
        if (health != null) {
            health.begun();
        }
        Changes changes = inventory.take();
        if (changes == null) {
            if (health != null) {
                health.idle();
            }
            return;
        }
        try {
            pass(changes);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close()
        } catch (ExecutionException | RuntimeException | Error e) {
            log.error("a change could not be applied, what was served before goes on", e);
        }
        unfinished = true;
        if (health != null) {
            health.failed();
        }
    }

    private void pass(Changes changes) throws InterruptedException, ExecutionException {
        long begun = nanoTime.getAsLong();
        boolean everything = changes.everything() || unfinished || firstPass.getCount() > 0;
        if (everything) {
            Node object = changes.node();
            node = NodeFacts.of(node.name(), object == null ? List.of() : List.of(object));
            ensureRoutes(changes);
            if (health != null) {
                health.node(object);
            }
        }
        Set<ServiceKey> keys = everything
                ? table.everything()
                : new HashSet<>(changes.services().keySet());
        Set<ServiceKey> planned = table.plan(keys, node);
        if (health != null) {
            health.changed(planned, changes.services());
        }
        boolean portsChanged = table.takePortsChanged();
        if (everything || highPorts && portsChanged) { // placing costs what the cluster costs
            placement = addresses.place(highPorts ? table.plans() : List.of(), node.addresses());
        }
        hand(table.change(version + 1, everything ? table.everything() : planned, placement));
        unfinished = false;
        long now = nanoTime.getAsLong();
        for (Touched touched : changes.services().values()) {
            updateToEffect.update(now - touched.sinceNanos());
        }
        if (health != null) {
            health.updated(table::plan, placement.nodePortAddresses());
        }
        if (firstPass.getCount() > 0) {
            log.info(
                    "{} Services are known, the first table {} after {} ms",
                    table.size(),
                    shadow ? "is made (in shadow mode nothing is bound)" : "is in force",
                    TimeUnit.NANOSECONDS.toMillis(now - begun));
            firstPass.countDown();
        }
    }

    /** Hands over a difference; the whole table where it is not known what the data plane has. */
    private void hand(TableChange change) throws InterruptedException, ExecutionException {
        boolean whole = unsure;
        if (shadow || !whole && change.put().isEmpty() && change.removed().isEmpty()) {
            return;
        }
        unsure = true;
        (whole ? server.apply(table.whole(version + 1)) : server.apply(change))
                .toCompletableFuture()
                .get();
        unsure = false;
        version++;
    }

    private void ensureRoutes(Changes changes) {
        if (route != null) {
            List<Cidr> discovered = changes.serviceRanges();
            try {
                route.require(discovered.isEmpty() ? configuredRanges : discovered);
            } catch (IllegalStateException e) {
                log.error("{}", e.getMessage());
            }
        }
    }

    /** On its own, so that a route that cannot be had keeps nothing else from being mended. */
    private void repairRoutes() {
        try {
            if (route != null) {
                route.repair();
            }
        } catch (RuntimeException e) {
            log.error("{}", e.getMessage());
        }
    }

    /** What others may have changed on this machine: the routes and the addresses of its interfaces. */
    private void repair() {
        repairRoutes();
        try {
            if (addresses.followsInterfaces() && inventory.isComplete()) {
                List<InetAddress> now = NodePortAddresses.ofInterfaces();
                if (!now.equals(interfaces)) {
                    interfaces = now;
                    placement = addresses.place(highPorts ? table.plans() : List.of(), node.addresses());
                    hand(table.change(version + 1, table.everything(), placement));
                }
            }
            if (health != null && firstPass.getCount() == 0) {
                health.repair(placement.nodePortAddresses());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            log.error("what this machine has lost could not be mended: {}", e.getMessage()); // and the next look may
        }
    }

    /** Takes no more changes and says so to those who ask whether this node is ready. */
    void drain() {
        draining = true;
        thread.shutdown();
    }

    /** Ends its thread, in the middle of a pass if need be, and waits for that a few seconds at most. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("the control thread does not end; it is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
