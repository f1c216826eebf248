package io.podlb.control;

import io.podlb.control.admin.ControlView;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.check.Checks;
import io.podlb.control.cluster.Problem;
import io.podlb.control.simulate.PodServers;
import io.podlb.control.source.Loaded;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the data plane to what the manifests say. One thread does everything: it plans, opens simulated Pods, hands
 * over a table, waits until that is in force, and publishes what it did. Changes that come while it works are taken
 * together, the newest counts.
 *
 * <p>{@link #submit}, {@link #view} and {@link #drain} may be called by any thread; {@link #close} by the one that made
 * it, before it closes what the loop works on. Owns nothing but its thread.
 */
final class ControlLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ControlLoop.class);
    private static final Duration INTERFACES = Duration.ofSeconds(5);

    private final Planner planner;
    private final LoadBalancer server;
    private final @Nullable PodServers pods;
    private final @Nullable Checks checks;
    private final Supplier<Map<SocketAddressSpec, SocketAddressSpec>> elsewhere;
    private final AtomicBoolean checkAgain = new AtomicBoolean();
    private final ControlThread thread = new ControlThread("lb-control");
    private final AtomicReference<@Nullable Loaded> pending = new AtomicReference<>();
    private final ProblemLog problemLog = new ProblemLog(); // control thread
    private ServiceTable table = ServiceTable.EMPTY; // control thread
    private @Nullable Loaded latest; // control thread
    private volatile ControlView view; // written by the control thread

    /**
     * A loop that has nothing to do yet.
     *
     * @param pods the sockets of simulated Pods; null if none are simulated
     * @param checks makes the active checks; null if nobody does
     */
    ControlLoop(Planner planner, LoadBalancer server, @Nullable PodServers pods, @Nullable Checks checks) {
        this(planner, server, pods, checks, Map::of);
    }

    /**
     * The same where others play Pods too.
     *
     * @param elsewhere where those of their endpoints really listen that do not listen where they say; asked by each
     *     pass
     */
    ControlLoop(
            Planner planner,
            LoadBalancer server,
            @Nullable PodServers pods,
            @Nullable Checks checks,
            Supplier<Map<SocketAddressSpec, SocketAddressSpec>> elsewhere) {
        this.planner = planner;
        this.elsewhere = elsewhere;
        this.checks = checks;
        if (checks != null) {
            checks.whenChanged(this::checked);
        }
        this.server = server;
        this.pods = pods;
        this.view = ControlView.starting(new NodeFacts(planner.nodeName(), null));
        if (planner.followsInterfaces()) {
            thread.every(INTERFACES, this::again);
        }
    }

    /** What was published last. */
    ControlView view() {
        ControlView published = view;
        return thread.isDraining() ? published.at(Stage.DRAINING) : published;
    }

    /**
     * Asks for a pass over these manifests. Completes when they are in force, or at once where newer ones were taken
     * instead or it is too late for changes; fails, after it was logged, if they could not be applied.
     */
    CompletableFuture<Void> submit(Loaded loaded) {
        pending.set(loaded);
        try {
            return CompletableFuture.runAsync(this::next, thread);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(null); // drains
        }
    }

    private void next() {
        Loaded loaded = pending.getAndSet(null);
        if (loaded != null) {
            latest = loaded;
            loggedPass(loaded);
        }
    }

    /** Endpoints have gone up or down; those of one moment are taken together. */
    private void checked() {
        if (checkAgain.compareAndSet(false, true)) {
            try {
                thread.execute(() -> {
                    checkAgain.set(false);
                    again();
                });
            } catch (RejectedExecutionException e) {
                return; // drains
            }
        }
    }

    /** The addresses of this machine, or what the checks say, may have changed. */
    private void again() {
        if (latest != null) {
            try {
                loggedPass(latest);
            } catch (CompletionException e) {
                // Logged; thrown any further it would end the looks at the addresses.
                return;
            }
        }
    }

    /** If it fails, what is served stays as it is, and the next change gets its chance. */
    private void loggedPass(Loaded loaded) {
        try {
            pass(loaded);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // close()
        } catch (ExecutionException | RuntimeException | Error e) {
            log.error("a change could not be applied, what was served before goes on", e);
            throw new CompletionException(e);
        }
    }

    private void pass(Loaded loaded) throws InterruptedException, ExecutionException {
        Planned planned = checks == null ? planner.plan(loaded) : planner.plan(loaded, checks::isUp);
        List<Problem> others = new ArrayList<>(planned.problems());
        Map<SocketAddressSpec, SocketAddressSpec> reachedAt = elsewhere.get();
        if (pods != null) {
            pods.open(planned.pods());
            reachedAt = new HashMap<>(reachedAt);
            reachedAt.putAll(pods.reachedAt());
            others.addAll(pods.problems());
        }
        if (checks != null) {
            checks.update(Tables.checks(planned, reachedAt));
        }
        ServiceTable next = Tables.next(table, planned, reachedAt);
        if (next.version() != table.version()) {
            server.apply(next).toCompletableFuture().get();
            table = next;
            log.info(
                    "table {} is in force: {} service ports",
                    next.version(),
                    next.ports().size());
        }
        if (pods != null) {
            pods.retain(planned.pods());
        }
        view = new ControlView(planned.node(), planned.services(), planned.placement(), reachedAt, others, Stage.READY);
        List<Problem> all = new ArrayList<>(others);
        for (ServicePlan service : planned.services()) {
            all.addAll(service.problems());
        }
        problemLog.update(all);
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
