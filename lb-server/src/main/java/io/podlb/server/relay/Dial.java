package io.podlb.server.relay;

import io.netty.channel.ChannelException;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.balance.RetryBudget;
import io.podlb.server.fault.FaultPlan;
import io.podlb.server.limit.Entry;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.transport.RelaySocket;
import io.podlb.server.transport.SourceException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The search for a backend that accepts: pick, connect, and on failure pick another one, within bounds on each try, on
 * the number of tries and on all of them together. Nothing was sent to any backend before it succeeds, so a retry is
 * always safe.
 *
 * <p>Thread rule: the event loop of its session.
 */
final class Dial extends TimerWheel.Timer {

    private final Session session;
    private final RelayLoop loop;
    private final Entry entry;
    private final EndpointSet set;
    private final Route route;
    private final PickContext context;
    private final Tries tries = new Tries();
    private Balancer balancer;
    private long startNanos; // later by the time that it waited
    private long waitingSinceNanos;
    private boolean waiting;
    private @Nullable Side trying; // the connect in flight
    private @Nullable FaultPlan faults; // of the latest try
    private List<String> metBefore = List.of(); // in the tries before that

    /**
     * Over the backends of that set.
     *
     * @param entry what takes the leases
     * @param route says which address backends see
     */
    Dial(Session session, Entry entry, EndpointSet set, Route route) {
        this.session = session;
        this.loop = session.loop();
        this.entry = entry;
        this.set = set;
        this.route = route;
        this.balancer = session.pool().balancer(set);
        this.context = new PickContext(session.clientAddress());
        this.startNanos = loop.nanoTime();
    }

    Tries tries() {
        return tries;
    }

    /** What is done to the connection on purpose, by the latest try; null: nothing. */
    @Nullable
    FaultPlan faults() {
        return faults;
    }

    /** What was done to the connection on purpose so far. */
    List<String> faultsMet() {
        FaultPlan latest = faults;
        return latest == null
                ? metBefore
                : Stream.concat(metBefore.stream(), latest.met().stream()).toList();
    }

    void begin() {
        RetryBudget budget = session.pool().retryBudget();
        if (budget != null) {
            budget.payIn();
        }
        tryNext(EndReason.NO_BACKEND);
    }

    /**
     * Tries another backend.
     *
     * @param otherwise how the session ends if no other one may be tried
     */
    private void tryNext(EndReason otherwise) {
        long now = loop.nanoTime();
        long left = loop.settings().connectBudgetNanos() - (now - startNanos);
        if (left <= 0) {
            give(EndReason.CONNECT_TIMEOUT);
            return;
        }
        int begun = tries.begun();
        if (begun == loop.settings().connectAttempts() || begun > 0 && !mayRetry()) {
            give(otherwise);
            return;
        }
        Pick next;
        try {
            next = entry.take(balancer, context);
        } catch (RuntimeException e) {
            session.failed(e);
            return;
        }
        EndReason limit = entry.limit();
        if (next != null) {
            use(next, now, left);
        } else if (limit == null) {
            give(otherwise);
        } else {
            await(limit, otherwise);
        }
    }

    private void use(Pick leased, long now, long left) {
        if (tries.begun() > 0) {
            session.dialGoesOn();
            if (session.hasEnded()) {
                entry.release(leased.backend());
                return;
            }
        }
        connect(leased, now, Math.min(left, loop.settings().connectTimeoutNanos()));
    }

    /** Waits for a place, if that is asked for; the time does not count as that of connects. */
    private void await(EndReason limit, EndReason otherwise) {
        long patience = entry.patienceNanos();
        waitingSinceNanos = loop.nanoTime();
        if (patience == 0 || !entry.await(set, context, loop.eventLoop(), granted -> served(granted, otherwise))) {
            give(entry.isOver() ? EndReason.SHUTDOWN : limit);
            return;
        }
        waiting = true;
        loop.wheel().schedule(this, patience);
        session.waits();
    }

    /** The wait is over. */
    private void served(@Nullable Pick granted, EndReason otherwise) {
        waiting = false;
        loop.wheel().cancel(this);
        balancer = session.pool().balancer(set);
        long now = loop.nanoTime();
        startNanos += now - waitingSinceNanos;
        if (granted != null) {
            use(granted, now, loop.settings().connectBudgetNanos() - (now - startNanos));
        } else if (entry.isOver()) {
            give(EndReason.SHUTDOWN);
        } else {
            lookOnceMore(now, otherwise);
        }
    }

    /** There is nothing to wait for: the last backend has gone, or the policy throws. */
    private void lookOnceMore(long now, EndReason otherwise) {
        Pick last;
        try {
            last = entry.takeNow(balancer, context);
        } catch (RuntimeException e) {
            session.failed(e);
            return;
        }
        if (last == null) {
            give(otherwise);
        } else {
            use(last, now, loop.settings().connectBudgetNanos() - (now - startNanos));
        }
    }

    private void waitedInVain() {
        Pick late = entry.stopWaiting();
        EndReason limit = entry.limit();
        if (late != null) {
            served(late, EndReason.NO_BACKEND);
        } else {
            give(limit == null ? EndReason.NO_BACKEND : limit);
        }
    }

    /** All connections of the service port together may only retry so often. */
    private boolean mayRetry() {
        RetryBudget budget = session.pool().retryBudget();
        if (budget == null || budget.take()) {
            return true;
        }
        session.metrics().traffic().retryDenied();
        return false;
    }

    private void connect(Pick pick, long now, long timeoutNanos) {
        Backend backend = pick.backend();
        session.metrics().picked();
        backend.metrics().picked();
        session.metrics().attempted(tries.begun() == 0);
        tries.begin(pick, now);
        if (loop.leadsBack(backend.address())) {
            entry.release(backend);
            failed(backend, Outcome.FAILED, EndReason.CONNECT_FAILED);
            return;
        }
        FaultPlan plan = session.faults(backend.spec());
        metBefore = faultsMet();
        faults = plan;
        RelaySocket socket;
        try {
            RelaySocket inPlace = plan == null ? null : plan.socketInPlace();
            socket = inPlace == null ? loop.sockets().open() : inPlace;
        } catch (ChannelException e) {
            entry.release(backend);
            tries.end(Outcome.LOCAL_FAILURE, loop.nanoTime());
            give(EndReason.LOCAL_RESOURCES); // out of descriptors
            return;
        }
        Side side = new Side(session, socket);
        trying = side;
        loop.wheel().schedule(this, timeoutNanos);
        InetSocketAddress address = backend.address().toSocketAddress();
        InetAddress from = ClientSource.of(route.clientAddress(), session.clientAddress(), address.getAddress());
        socket.connect(address, from, failure -> tried(backend, side, failure));
    }

    private void tried(Backend backend, Side side, @Nullable Throwable failure) {
        if (trying != side) {
            return; // timed out or cancelled before
        }
        trying = null;
        loop.wheel().cancel(this);
        // The kernel can choose the backend's own port as the source, and nobody is listening there.
        if (failure == null && !side.socket().isConnectedToItself()) {
            session.pool().reached(backend);
            balancer.connected(context, backend);
            long nanos = tries.end(Outcome.CONNECTED, loop.nanoTime());
            session.connected(backend, side, nanos);
            return;
        }
        drop(side, backend);
        if (failure instanceof SourceException unusable) {
            tries.end(Outcome.LOCAL_FAILURE, loop.nanoTime());
            route.clientSource().unusable(unusable, loop.nanoTime());
            give(EndReason.LOCAL_RESOURCES); // with any other backend it would be the same
        } else if (failure != null && LocalFailure.isOne(failure)) {
            // Not the backend's fault; another one has another address and may still be reached.
            tries.end(Outcome.LOCAL_FAILURE, loop.nanoTime());
            context.exclude(backend);
            tryNext(EndReason.LOCAL_RESOURCES);
        } else {
            failed(backend, Outcome.FAILED, EndReason.CONNECT_FAILED);
        }
    }

    /** The try, or the wait for a place, took too long. */
    @Override
    void expired() {
        if (waiting) {
            waitedInVain();
            return;
        }
        Side side = trying;
        Pick tried = tries.pick();
        if (side == null || tried == null) {
            return;
        }
        trying = null;
        drop(side, tried.backend());
        failed(tried.backend(), Outcome.TIMED_OUT, EndReason.CONNECT_TIMEOUT);
    }

    private void drop(Side side, Backend backend) {
        side.discard();
        side.socket().close();
        entry.release(backend);
    }

    private void failed(Backend backend, Outcome outcome, EndReason otherwise) {
        tries.end(outcome, loop.nanoTime());
        backend.metrics().connectFailed();
        context.exclude(backend);
        session.pool().missed(backend);
        balancer.failed(context, backend);
        tryNext(otherwise);
    }

    private void give(EndReason reason) {
        session.end(reason);
    }

    /** The session has ended: closes a connect in flight and returns its lease. */
    void cancel() {
        loop.wheel().cancel(this);
        Side side = trying;
        Pick tried = tries.pick();
        if (side != null && tried != null) {
            trying = null;
            drop(side, tried.backend());
        }
    }
}
