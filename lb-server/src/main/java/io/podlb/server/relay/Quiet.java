package io.podlb.server.relay;

import io.podlb.server.service.EndReason;
import java.util.concurrent.TimeUnit;

/**
 * How long no byte has passed between the sides of a session, and what follows: keep-alive first, then its end.
 *
 * <p>Thread rule: the event loop of its session.
 */
final class Quiet extends TimerWheel.Timer {

    /** Most connections end before, and cost nothing to keep alive. */
    private static final long KEEP_ALIVE_AFTER_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Session session;
    private long lastByteNanos; // by the wheel's coarse clock
    private boolean begun;
    private boolean halfClosed;
    private boolean keptAlive;

    Quiet(Session session) {
        this.session = session;
    }

    /** Both sides are there. A client may have ended its stream before. */
    void begin() {
        begun = true;
        interrupted();
        watchFor(limitNanos());
    }

    /** One stream is complete: from now on the shorter timeout counts. */
    void halfClosed() {
        halfClosed = true;
        if (begun) {
            begin();
        }
    }

    /** A byte has passed. */
    void interrupted() {
        lastByteNanos = wheel().coarseNanos();
    }

    long nanos() {
        return wheel().coarseNanos() - lastByteNanos;
    }

    void cancel() {
        wheel().cancel(this);
    }

    private TimerWheel wheel() {
        return session.loop().wheel();
    }

    private long limitNanos() {
        RelaySettings settings = session.loop().settings();
        return halfClosed ? settings.halfClosedNanos() : settings.idleNanos();
    }

    private void watchFor(long nanos) {
        wheel().schedule(this, keptAlive ? nanos : Math.min(nanos, KEEP_ALIVE_AFTER_NANOS));
    }

    @Override
    void expired() {
        long left = limitNanos() - nanos();
        if (left <= 0) {
            session.end(halfClosed ? EndReason.HALF_CLOSED_TIMEOUT : EndReason.IDLE_TIMEOUT);
            return;
        }
        if (!keptAlive) {
            keptAlive = true;
            session.keepAlive();
        }
        watchFor(left);
    }
}
