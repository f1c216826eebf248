package io.podlb.server.relay;

import io.podlb.server.service.EndReason;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The wish that a connection should end: from some moment on its client is sent FIN as soon as it has been answered and
 * is quiet, as a server would close a connection that is not used. Whoever answers with FIN loses nothing. A connection
 * that is still open when the time is over is cut.
 *
 * <p>Thread rule: the event loop of its session.
 */
final class Farewell extends TimerWheel.Timer {

    /** Until then connections are asked, but never cut. */
    static final long NEVER = Long.MAX_VALUE;

    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private final Session session;
    private final EndReason reason;
    private final EndReason cutReason;
    private final long cutNanos;
    private final @Nullable Drain drain;
    private long startNanos;
    private boolean asked;

    /**
     * @param reason how the connection ends if it takes the hint
     * @param cutReason how it ends if it does not
     * @param cutNanos from now; {@link #NEVER} for no limit
     * @param drain counts its end; null: nobody does
     */
    Farewell(Session session, EndReason reason, EndReason cutReason, long cutNanos, @Nullable Drain drain) {
        this.session = session;
        this.reason = reason;
        this.cutReason = cutReason;
        this.cutNanos = cutNanos;
        this.drain = drain;
    }

    /**
     * Begins to wait.
     *
     * @param afterNanos when the connection is asked for the first time
     */
    void begin(long afterNanos) {
        startNanos = session.loop().nanoTime();
        asked = session.isFinishing();
        schedule(asked ? patience() : Math.min(afterNanos, left()));
    }

    @Override
    void expired() {
        if (left() <= 0 || asked && cutNanos == NEVER) {
            session.end(cutReason);
        } else if (session.finish(reason)) {
            asked = true;
            schedule(patience());
        } else {
            schedule(Math.min(RETRY_NANOS, left()));
        }
    }

    /** How long the client has to answer the FIN. */
    private long patience() {
        return cutNanos == NEVER ? session.loop().settings().halfClosedNanos() : left();
    }

    private long left() {
        return cutNanos == NEVER ? NEVER : cutNanos - (session.loop().nanoTime() - startNanos);
    }

    private void schedule(long nanos) {
        session.loop().wheel().schedule(this, Math.max(nanos, 0));
    }

    /** The connection has ended, in whatever way. */
    void ended(EndReason how) {
        session.loop().wheel().cancel(this);
        if (drain != null) {
            drain.left(how == cutReason || how == EndReason.INTERRUPTED, asked);
        }
    }

    /** What takes its place counts from now on. */
    void replaced() {
        session.loop().wheel().cancel(this);
    }
}
