package io.podlb.server.limit;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Leasing;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import java.net.InetAddress;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one connection holds of the limits of its service port: a place of its client from the start, one of the service
 * port from its first pick; and for each pick a lease of the backend, which is the caller's. While it waits it holds the
 * place of its client, and one of the service port only if it has tried a backend before.
 *
 * <p>Thread rule: the event loop of the connection; while it waits, whoever holds the lock of the line.
 */
public final class Entry {

    private final Limiter limiter;
    private final long client;
    private @Nullable ClientConnections countedIn;
    private boolean placed;
    private @Nullable EndReason limit; // what was in the way at the latest attempt
    private @Nullable Turn turn; // the latest wait; event loop

    Entry(Limiter limiter, InetAddress client) {
        this.limiter = limiter;
        this.client = ClientKey.of(client);
    }

    /**
     * Holds the client against its own limits. Beyond these nobody waits: what waits is a connection too, and a client
     * that has all it may have could fill the line with them.
     *
     * @return null if it may go on, else how the connection ends
     */
    public @Nullable EndReason admit() {
        Limiter.Rules now = limiter.rules();
        ClientRates rates = now.rates();
        if (rates != null && !rates.take(client)) {
            return EndReason.CLIENT_RATE;
        }
        ClientConnections clients = now.clients();
        if (clients != null) {
            if (!clients.enter(client, now.limits().perClient())) {
                return EndReason.CLIENT_LIMIT;
            }
            countedIn = clients;
        }
        return null;
    }

    /**
     * Picks a backend and takes all places that this needs, if that is possible at once and nobody came before.
     *
     * @return null if it is not; {@link #limit} says why
     */
    public @Nullable Pick take(Balancer balancer, PickContext context) {
        if (limiter.line().isEmpty()) {
            return takeNow(balancer, context);
        }
        limit = limiter.isFull() ? EndReason.SERVICE_LIMIT : EndReason.BACKEND_LIMIT;
        return null;
    }

    /** The same without regard to those that wait. */
    public @Nullable Pick takeNow(Balancer balancer, PickContext context) {
        Pick pick = null;
        try {
            pick = attempt(balancer, context);
        } finally {
            if (pick == null) {
                limiter.line().serveIfAny(); // somebody may have found a place taken that was ours for this moment
            }
        }
        return pick;
    }

    /** The same for those that wait. */
    @Nullable
    Pick attempt(EndpointSet set, PickContext context) {
        return attempt(limiter.pool().balancer(set), context);
    }

    private @Nullable Pick attempt(Balancer balancer, PickContext context) {
        limit = null;
        if (!placed && !limiter.takePlace()) {
            limit = EndReason.SERVICE_LIMIT;
            return null;
        }
        Pick pick = null;
        try {
            pick = Leasing.take(balancer, context, limiter.rules().limits().perBackend());
        } finally {
            if (pick == null && !placed) {
                limiter.returnPlace();
            }
        }
        placed |= pick != null;
        if (pick == null && context.metFull()) {
            limit = EndReason.BACKEND_LIMIT;
        }
        return pick;
    }

    /** What was in the way at the latest attempt; null: nothing that could go away by waiting. */
    public @Nullable EndReason limit() {
        return limit;
    }

    boolean hasPlace() {
        return placed;
    }

    /** How long it may wait; 0: not at all. */
    public long patienceNanos() {
        return limiter.rules().limits().patience().toNanos();
    }

    /**
     * Waits for what {@link #take} did not get.
     *
     * @param context left alone by the caller as long as it waits
     * @param served told on the loop what it was given, which may be nothing: then there is nothing to wait for any more,
     *     and a last look says why
     * @return false if there is no room to wait
     */
    public boolean await(EndpointSet set, PickContext context, Executor loop, Consumer<@Nullable Pick> served) {
        Turn next = new Turn(limiter.line(), this, set, context, loop, served);
        turn = next;
        return limiter.line().join(next);
    }

    /** Waits no more. Returns what it was given meanwhile and has not heard of. */
    public @Nullable Pick stopWaiting() {
        Turn waiting = turn;
        turn = null;
        return waiting == null ? null : waiting.stop();
    }

    /** Whether waiting has been called off for everybody. */
    public boolean isOver() {
        return limiter.line().isClosed();
    }

    /** Returns the lease of a backend that could not be reached. */
    public void release(Backend backend) {
        limiter.release(backend);
    }

    /**
     * The connection has ended: returns everything.
     *
     * @param leased the backend that it was connected to
     */
    public void leave(@Nullable Backend leased) {
        Pick unheard = stopWaiting();
        if (unheard != null) {
            unheard.backend().release();
        }
        if (leased != null) {
            leased.release();
        }
        if (placed) {
            placed = false;
            limiter.returnPlace();
        }
        ClientConnections counted = countedIn;
        if (counted != null) {
            countedIn = null;
            counted.leave(client);
        }
        limiter.line().serveIfAny();
    }
}
