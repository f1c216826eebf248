package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A backend that is left out, from one moment to another. When the time is over one connection is sent there; what
 * becomes of it decides. May be used by any thread.
 */
final class Outage {

    private final Backend backend;
    private final int times;
    private final long dueNanos;
    private final long patienceNanos;
    private final AtomicReference<@Nullable Trial> trial = new AtomicReference<>();

    /**
     * @param times how often in a row, this one included
     * @param dueNanos when a trial may be made
     * @param patienceNanos after which nothing will be heard of a trial any more
     */
    Outage(Backend backend, int times, long dueNanos, long patienceNanos) {
        this.backend = backend;
        this.times = times;
        this.dueNanos = dueNanos;
        this.patienceNanos = patienceNanos;
    }

    Backend backend() {
        return backend;
    }

    int times() {
        return times;
    }

    /** Takes the one trial, if it is time and nobody has it; one of which nothing was heard can be taken again. */
    boolean takeTrial(long now) {
        if (now - dueNanos < 0) {
            return false;
        }
        Trial running = trial.get();
        return (running == null || isOver(running, now)) && trial.compareAndSet(running, new Trial(now));
    }

    /** Whether a trial was made and nothing was heard of it in time. */
    boolean isSilent(long now) {
        Trial running = trial.get();
        return running != null && isOver(running, now);
    }

    /** Whether a trial is being made. */
    boolean isOnTrial(long now) {
        Trial running = trial.get();
        return running != null && !isOver(running, now);
    }

    private boolean isOver(Trial running, long now) {
        return now - running.sinceNanos > patienceNanos;
    }

    private record Trial(long sinceNanos) {}
}
