package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the retries of a service port to a share of its connections, so that an outage is not made worse by them. Each
 * connection pays in its share of a retry, and time pays in {@link #FLOOR_PER_SECOND}, so that a quiet service can retry
 * at all; what is not used is kept up to {@link #MOST}. May be used by any thread.
 */
public final class RetryBudget {

    static final int FLOOR_PER_SECOND = 100;
    static final int MOST = 10 * FLOOR_PER_SECOND;

    /** Credit is counted in hundredths of a retry. */
    private static final int RETRY = 100;

    private static final long REFILL_NANOS = TimeUnit.SECONDS.toNanos(1) / FLOOR_PER_SECOND;

    private final int percent;
    private final Ticker ticker;
    private final AtomicLong credit = new AtomicLong((long) MOST * RETRY);
    private final AtomicLong refilledNanos;

    /**
     * @param percent of a retry that each connection pays in
     */
    RetryBudget(int percent, Ticker ticker) {
        this.percent = percent;
        this.ticker = ticker;
        this.refilledNanos = new AtomicLong(ticker.read());
    }

    int percent() {
        return percent;
    }

    /** A connection begins. */
    public void payIn() {
        payIn(percent);
    }

    /** Takes one retry; false if there is none left. */
    public boolean take() {
        refill();
        return credit.getAndUpdate(now -> now < RETRY ? now : now - RETRY) >= RETRY;
    }

    private void refill() {
        long last = refilledNanos.get();
        long retries = (ticker.read() - last) / REFILL_NANOS;
        // Whoever loses the race leaves it to the winner.
        if (retries > 0 && refilledNanos.compareAndSet(last, last + retries * REFILL_NANOS)) {
            payIn(Math.min(retries, MOST) * RETRY);
        }
    }

    private void payIn(long more) {
        credit.updateAndGet(now -> Math.min(now + more, (long) MOST * RETRY));
    }
}
