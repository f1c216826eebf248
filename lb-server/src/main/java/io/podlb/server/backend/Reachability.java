package io.podlb.server.backend;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Whether a backend could be reached lately, as the connections of all event loops have seen it. Nothing is decided
 * here: each report says whether somebody should.
 *
 * <p>Thread rule: any thread reports; the control thread decides.
 */
public final class Reachability {

    private final AtomicInteger failures = new AtomicInteger(); // in a row
    private final AtomicBoolean undecided = new AtomicBoolean(); // a decision is on its way
    private volatile boolean ejected; // written by the control thread

    /** Failed connects since the last one that did not. */
    public int failures() {
        return failures.get();
    }

    /**
     * Somebody got through.
     *
     * @return whether the backend is left out and a decision should be made; then {@link #decided} follows
     */
    public boolean reached() {
        if (failures.get() != 0) {
            failures.set(0);
        }
        return ejected && undecided.compareAndSet(false, true);
    }

    /**
     * Somebody did not get through, by no fault of this machine.
     *
     * @param limit failures in a row that matter; 0: none do
     * @return whether a decision should be made; then {@link #decided} follows
     */
    public boolean missed(int limit) {
        boolean matters = failures.incrementAndGet() >= limit && limit > 0;
        return (matters || ejected) && undecided.compareAndSet(false, true);
    }

    /** The next report may ask for a decision again. */
    public void decided() {
        undecided.set(false);
    }

    /** Whether it is left out. */
    public boolean isEjected() {
        return ejected;
    }

    /** Leaves it out or takes it back; a backend that is taken back starts with a clean record. Control thread only. */
    public void ejected(boolean now) {
        if (!now) {
            failures.set(0);
        }
        ejected = now;
    }
}
