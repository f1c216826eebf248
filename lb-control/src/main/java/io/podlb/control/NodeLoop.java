package io.podlb.control;

import io.fabric8.kubernetes.api.model.Node;
import io.podlb.control.address.AddressMap;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.ListeningSockets;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.address.Placement;
import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.Changes;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.translate.NodeFacts;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the data plane in step with an {@link Inventory}. One thread does everything: it takes what was touched,
 * translates these Services alone, and hands over what differs. Touches that come while it works are taken together; a
 * pass that fails is made again, later and later. Nothing is served before the inventory is complete (kube-semantics
 * 1.11).
 *
 * <p>{@link #view} and {@link #drain} may be called by any thread; {@link #close} by the one that made it, before it
 * closes what the loop works on. Owns nothing but its thread.
 */
final class NodeLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeLoop.class);
    private static final Duration REPAIR = Duration.ofSeconds(5);
    private static final Duration FIRST_REDO = Duration.ofMillis(500);
    private static final Duration LAST_REDO = Duration.ofSeconds(30);

    private final Inventory inventory;
    private final HandOver handOver;
    private final AddressMap addresses;
    private final boolean highPorts;
    private final NodeRoutes routes;
    private final NodeHealth health;
    private final NodeTable table;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final CountDownLatch firstPass = new CountDownLatch(1);
    private final ControlThread thread = new ControlThread("lb-control");
    private List<InetAddress> interfaces = List.of(); // control thread
    private Duration redo = FIRST_REDO; // control thread; until the next attempt, should the pass fail
    private volatile Placement placement = Placement.NOWHERE; // written by the control thread, as is the next one
    private volatile NodeFacts node;

    /**
     * A loop that waits for the inventory.
     *
     * @param handOver the data plane
     * @param routes those of the service ranges
     * @param health what is told of this node; the caller's to close, after the loop
     */
    NodeLoop(Settings settings, Inventory inventory, HandOver handOver, NodeRoutes routes, NodeHealth health) {
        this.inventory = inventory;
        this.handOver = handOver;
        this.routes = routes;
        this.health = health;
        this.addresses = settings.addressMap();
        this.highPorts = settings.mode() != ClusterIpMode.BIND;
        this.table = new NodeTable(inventory, settings.translation());
        this.node = new NodeFacts(settings.nodeName(), null);
        health.watchChanges(inventory::counts);
        inventory.onChange(this::wake);
        thread.every(REPAIR, this::repair);
        wake();
    }

    /** What is served now, and why. */
    ControlView view() {
        Stage stage = thread.isDraining() ? Stage.DRAINING : firstPass.getCount() == 0 ? Stage.READY : Stage.STARTING;
        ControlView now = new ControlView(node, table.plans(), placement, Map.of(), List.of(), stage);
        return handOver.isShadow() ? Shadow.of(now, ListeningSockets.ofThisMachine()) : now;
    }

    /** Waits until the first table is in force. */
    void awaitFirst() throws InterruptedException {
        firstPass.await();
    }

    /** Called with every event: one pass is enough for all that came before it begins. */
    private void wake() {
        health.queued();
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
        health.begun();
        Changes changes = inventory.take();
        if (changes == null) {
            health.idle();
            return;
        }
        try {
            pass(changes);
            redo = FIRST_REDO;
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close()
        } catch (ExecutionException | RuntimeException | Error e) {
            log.error(
                    "a change could not be applied, what was served before goes on and podlb tries again in {} s",
                    redo.toMillis() / 1000.0,
                    e);
        }
        health.failed();
        inventory.putBack(changes); // nobody knows how far the pass came
        thread.after(redo, this::wake);
        redo = redo.multipliedBy(2).compareTo(LAST_REDO) < 0 ? redo.multipliedBy(2) : LAST_REDO;
    }

    private void pass(Changes changes) throws InterruptedException, ExecutionException {
        boolean first = firstPass.getCount() > 0;
        long begun = inventory.nanoTime();
        boolean everything = changes.everything() || first;
        if (everything) {
            Node object = changes.node();
            node = NodeFacts.of(node.name(), object == null ? List.of() : List.of(object));
            routes.ensure(changes.serviceRanges());
            health.node(object);
        }
        Set<ServiceKey> keys = everything
                ? table.everything()
                : new HashSet<>(changes.services().keySet());
        Set<ServiceKey> planned = table.plan(keys, node);
        health.changed(planned, changes.services());
        boolean portsChanged = table.takePortsChanged();
        if (everything || highPorts && portsChanged) { // placing costs what the cluster costs
            place();
        }
        handOver.hand(table, everything ? table.everything() : planned, placement);
        health.updated(everything, table::plan, placement.nodePortAddresses());
        if (first) {
            log.info(
                    "{} Services are known, the first table {} after {} ms",
                    table.size(),
                    handOver.isShadow() ? "is made (in shadow mode nothing is bound)" : "is in force",
                    TimeUnit.NANOSECONDS.toMillis(inventory.nanoTime() - begun));
            firstPass.countDown();
        }
    }

    private void place() {
        placement = addresses.place(highPorts ? table.plans() : List.of(), node.addresses());
    }

    /** What others may have changed on this machine: the routes and the addresses of its interfaces. */
    private void repair() {
        routes.repair();
        try {
            if (addresses.followsInterfaces() && inventory.isComplete()) {
                List<InetAddress> now = NodePortAddresses.ofInterfaces();
                if (!now.equals(interfaces)) {
                    interfaces = now;
                    place();
                    handOver.hand(table, table.everything(), placement);
                }
            }
            if (firstPass.getCount() == 0) {
                health.repair(placement.nodePortAddresses());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | RuntimeException e) {
            interfaces = List.of(); // so that the next look hands over again
            log.error("what this machine has lost could not be mended: {}", e.getMessage());
        }
    }

    /** Takes no more changes and says so to those who ask whether this node is ready. */
    void drain() {
        thread.drain();
    }

    /** Ends its thread, in the middle of a pass if need be, and waits for that a few seconds at most. */
    @Override
    public void close() {
        thread.close();
    }
}
