package io.podlb.server.listener;

import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.relay.Route;
import io.podlb.server.relay.UdpLoops;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening address: open while one of its routes has an endpoint to offer, closed otherwise so that clients are
 * refused (kube-semantics 24.1, 24.2). A failed bind is tried again with backoff for as long as the address is wanted.
 *
 * <p>A wildcard socket of TCP takes both families, so its listener has a route for each; one of UDP has one route.
 *
 * <p>Thread rule: the control thread; {@link #status} may be read by any thread.
 */
final class Listener {

    private static final Logger logger = LoggerFactory.getLogger(Listener.class);
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 10_000;
    private static final long CHECK_MILLIS = 10_000;
    private static final Status EMPTY = new Status(State.EMPTY, null, null);

    private final SocketAddressSpec bind;
    private final ServicePortName owner;
    private final EventExecutor control;
    private final AtomicReferenceArray<@Nullable Route> routes;
    private final Binding binding;
    private final DescriptorBudget budget;
    private final Runnable retryWithRoom = this::retryNow;
    private volatile Status status = EMPTY; // written by the control thread
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
    private boolean open; // from before the bind until the close
    private int sockets; // taken from the budget
    private long openings; // tells the result of the latest from that of one that was given up
    private boolean checkScheduled;
    private long retryMillis;
    private boolean retryScheduled;

    /** What {@link ListenerView} shows of it. */
    record Status(
            State state,
            @Nullable SocketAddressSpec bound,
            @Nullable String failure) {}

    private Listener(
            SocketAddressSpec bind,
            ServicePortName owner,
            EventExecutor control,
            AtomicReferenceArray<@Nullable Route> routes,
            Binding binding,
            DescriptorBudget budget) {
        this.bind = bind;
        this.owner = owner;
        this.control = control;
        this.routes = routes;
        this.binding = binding;
        this.budget = budget;
    }

    static Listener tcp(Route first, EventExecutor control, AcceptPath path, DescriptorBudget budget) {
        SocketAddressSpec bind = first.frontend().bind();
        AtomicReferenceArray<@Nullable Route> routes = new AtomicReferenceArray<>(2);
        return new Listener(bind, first.port(), control, routes, new TcpBinding(first, path, routes), budget);
    }

    static Listener udp(
            Route only, EventExecutor control, UdpLoops loops, Admission admission, DescriptorBudget budget) {
        SocketAddressSpec bind = only.frontend().bind();
        Binding binding = new UdpBinding(bind, only, loops, admission);
        return new Listener(bind, only.port(), control, new AtomicReferenceArray<>(2), binding, budget);
    }

    ServicePortName owner() {
        return owner;
    }

    Status status() {
        return status;
    }

    @Nullable
    Route route(IpFamily family) {
        return routes.get(Acceptor.index(family));
    }

    void route(IpFamily family, @Nullable Route route) {
        routes.set(Acceptor.index(family), route);
    }

    boolean hasRoutes() {
        return routes.get(0) != null || routes.get(1) != null;
    }

    boolean wanted() {
        return hasEndpoints(routes.get(0)) || hasEndpoints(routes.get(1));
    }

    private static boolean hasEndpoints(@Nullable Route route) {
        return route != null && route.hasEndpoints();
    }

    /**
     * Closes the socket; connections that were accepted go on.
     *
     * @return completes when the address is free again
     */
    CompletableFuture<Void> close() {
        status = EMPTY;
        retryMillis = 0;
        budget.forget(retryWithRoom);
        if (open) {
            open = false;
            logger.debug("{} stops listening on {}", owner, bind);
            settled = freed(binding.close());
        }
        return settled;
    }

    /**
     * Takes no more clients, for good, and gives up the address as soon as no flow needs it. Of UDP.
     *
     * @return completes when the address is free; {@link #retire} hastens that
     */
    CompletableFuture<Void> drain() {
        if (!open || !(binding instanceof UdpBinding udp)) {
            CompletableFuture<Void> closed = close();
            retire();
            return closed;
        }
        status = EMPTY;
        open = false;
        logger.debug("{} takes no more clients on {}", owner, bind);
        return freed(udp.drain());
    }

    private CompletableFuture<Void> freed(CompletableFuture<Void> closed) {
        int given = sockets;
        sockets = 0;
        return closed.thenRunAsync(() -> budget.release(owner.protocol(), given), control);
    }

    /** Gives up the address for good, after it was closed. */
    void retire() {
        binding.retire();
    }

    /** Ends UDP flows whose backend is not among these; see {@link UdpBinding#endStale}. */
    CompletableFuture<Void> endStale(Set<SocketAddressSpec> serving) {
        return binding instanceof UdpBinding udp ? udp.endStale(serving) : CompletableFuture.completedFuture(null);
    }

    /**
     * Opens the socket if it is wanted and closed.
     *
     * @param after what must be finished before the address may be free
     * @return completes when it is open or that has failed
     */
    CompletableFuture<Void> open(CompletableFuture<Void> after) {
        settled = CompletableFuture.allOf(settled, after).thenComposeAsync(free -> bind(), control);
        return settled;
    }

    private CompletableFuture<Void> bind() {
        if (open || !wanted()) {
            return CompletableFuture.completedFuture(null);
        }
        int wanted = binding.sockets();
        if (!budget.take(retryWithRoom, owner.protocol(), wanted)) {
            report("cannot listen on " + bind + ": " + budget.explain()
                    + ", and these are taken; raise it (ulimit -n)");
            return CompletableFuture.completedFuture(null);
        }
        sockets = wanted;
        open = true;
        long opening = ++openings;
        return binding.open()
                .handleAsync((bound, failure) -> opened(opening, bound, failure), control)
                .thenCompose(done -> done);
    }

    private CompletableFuture<Void> opened(
            long opening, @Nullable SocketAddressSpec bound, @Nullable Throwable failure) {
        if (!open || opening != openings) {
            return CompletableFuture.completedFuture(null); // not wanted any more, and closed by who found that
        }
        if (failure != null) {
            open = false;
            failed(failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure);
            return freed(binding.close());
        }
        if (status.state == State.FAILED) {
            logger.info("{} listens on {} now", owner, bind);
        }
        status = new Status(State.OPEN, bound, null);
        retryMillis = 0;
        scheduleCheck();
        return CompletableFuture.completedFuture(null);
    }

    private void scheduleCheck() {
        if (bind.address().isAnyLocalAddress() && !checkScheduled) {
            checkScheduled = true;
            control.schedule(this::check, CHECK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Addresses come and go with interfaces. */
    private void check() {
        checkScheduled = false;
        if (status.state != State.OPEN) {
            return;
        }
        if (binding.isOutdated()) {
            open(close());
        } else {
            scheduleCheck();
        }
    }

    private void failed(Throwable cause) {
        String text = BindFailure.explain(owner.protocol(), bind, cause);
        if (!text.equals(status.failure)) {
            logger.warn("{} {}", owner, text);
        }
        report(text);
        retryMillis = retryMillis == 0 ? FIRST_RETRY_MILLIS : Math.min(LAST_RETRY_MILLIS, 2 * retryMillis);
        if (!retryScheduled) {
            retryScheduled = true;
            control.schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void report(String failure) {
        Route route = routes.get(0) != null ? routes.get(0) : routes.get(1);
        if (route != null) {
            route.metrics().bindFailed();
        }
        status = new Status(State.FAILED, null, failure);
    }

    /** There may be a descriptor for it now. */
    private void retryNow() {
        if (status.state == State.FAILED) {
            open(CompletableFuture.completedFuture(null));
        }
    }

    private void retry() {
        retryScheduled = false;
        retryNow();
    }
}
