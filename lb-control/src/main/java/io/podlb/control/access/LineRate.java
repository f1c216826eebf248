package io.podlb.control.access;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * So many lines each second, and after a quiet second as many at once: the generic cell rate algorithm (ITU-T I.371).
 * Any thread; it neither locks nor waits.
 */
final class LineRate {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long intervalNanos;
    private final AtomicLong expected; // when the next line would come if all came evenly

    LineRate(int perSecond, long now) {
        this.intervalNanos = Math.max(1, SECOND / perSecond);
        this.expected = new AtomicLong(now);
    }

    /** Whether one more line may be written. */
    boolean take(long now) {
        while (true) {
            long next = expected.get();
            long from = next - now > 0 ? next : now;
            if (from - now > SECOND - intervalNanos) {
                return false;
            }
            if (expected.compareAndSet(next, from + intervalNanos)) {
                return true;
            }
        }
    }
}
