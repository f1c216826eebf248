package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.EndReason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one backend that gets no new ones, on their way to their ends. Each has a moment of its own within
 * the first half of the time from which on it is asked to end, and one in the last quarter at which it is cut, so that
 * clients do not come back all at once. May be used by any thread.
 */
final class Drain {

    private final Backend backend;
    private final long withinNanos;
    private final RandomSource random;
    private final AtomicInteger open = new AtomicInteger(1); // one more until all loops have begun
    private final AtomicInteger total = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger cut = new AtomicInteger();
    private final CompletableFuture<DrainCounts> done = new CompletableFuture<>();

    Drain(Backend backend, long withinNanos, RandomSource random) {
        this.backend = backend;
        this.withinNanos = withinNanos;
        this.random = random;
    }

    Backend backend() {
        return backend;
    }

    long withinNanos() {
        return withinNanos;
    }

    /** Completes when no connection is left. */
    CompletionStage<DrainCounts> done() {
        return done;
    }

    /** Takes a connection in. On its event loop. */
    void join(Session session) {
        boolean counted = open.getAndUpdate(now -> now == 0 ? 0 : now + 1) > 0;
        if (counted) {
            total.incrementAndGet();
        }
        long cutNanos = withinNanos - part(4);
        Farewell farewell =
                new Farewell(session, EndReason.DRAINED, EndReason.DRAIN_CUT, cutNanos, counted ? this : null);
        session.farewell(farewell, part(2));
    }

    /** A random span up to that part of the time. */
    private long part(int of) {
        int thousandth = random.nextInt(1001);
        return withinNanos / of / 1000 * thousandth;
    }

    /**
     * A connection has ended.
     *
     * @param wasCut whether it was cut
     * @param wasAsked whether it had been asked to end
     */
    void left(boolean wasCut, boolean wasAsked) {
        if (wasCut) {
            cut.incrementAndGet();
        } else if (wasAsked) {
            asked.incrementAndGet();
        }
        release();
    }

    /** Every connection that there was has joined. */
    void begun() {
        release();
    }

    private void release() {
        if (open.decrementAndGet() == 0) {
            int all = total.get();
            done.complete(new DrainCounts(all, all - asked.get() - cut.get(), asked.get(), cut.get()));
        }
    }
}
