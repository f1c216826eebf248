package io.podlb.control.health;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether this proxy keeps up with the cluster (kube-semantics 11.9): no change waits longer than the timeout for a
 * completed pass. It is healthy until the first pass is complete, and when nothing waits. The oldest change counts.
 *
 * <p>A change that comes during a pass is not part of it and waits for the next one. {@link #begun}, {@link #idle},
 * {@link #failed} and {@link #updated} belong to the control thread, the others to any.
 */
final class ProxyHealth {

    /** Two sync periods of kube-proxy. */
    static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final InstantSource wall;
    private final long timeoutNanos;

    // All guarded by this; times of the oldest change of each kind, null if there is none.
    private @Nullable Long queued; // not looked at
    private @Nullable Long taken; // by the pass that is under way
    private @Nullable Long unfinished; // by passes that failed
    private @Nullable Instant updated;

    /**
     * One that starts.
     *
     * @param nanoTime how long changes wait is measured by it
     * @param wall says when the last pass was complete
     */
    ProxyHealth(LongSupplier nanoTime, InstantSource wall, Duration timeout) {
        this.nanoTime = nanoTime;
        this.wall = wall;
        this.timeoutNanos = timeout.toNanos();
    }

    /**
     * Its state at a moment.
     *
     * @param updated when the last pass was complete; null before the first one
     */
    record State(boolean healthy, @Nullable Instant updated) {}

    /** A change came. */
    synchronized void queued() {
        if (queued == null) {
            queued = nanoTime.getAsLong();
        }
    }

    /** A pass takes what has come so far. */
    synchronized void begun() {
        taken = queued;
        queued = null;
    }

    /** The pass found nothing to do: an earlier one took these changes. */
    synchronized void idle() {
        taken = null;
    }

    /** The pass did not reach its end; what it took waits on. */
    synchronized void failed() {
        if (unfinished == null) {
            unfinished = taken;
        }
        taken = null;
    }

    /** The pass is complete, and with it all that failed before. */
    synchronized void updated() {
        taken = null;
        unfinished = null;
        updated = wall.instant();
    }

    synchronized State state() {
        Long oldest = unfinished != null ? unfinished : taken != null ? taken : queued;
        boolean late = oldest != null && nanoTime.getAsLong() - oldest >= timeoutNanos;
        return new State(updated == null || !late, updated);
    }
}
