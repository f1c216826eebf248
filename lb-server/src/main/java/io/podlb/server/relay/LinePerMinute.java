package io.podlb.server.relay;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what a log tells once a minute, the first of all at once. May be used by any thread. */
final class LinePerMinute {

    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long NEVER = Long.MIN_VALUE;

    private final AtomicLong events = new AtomicLong(); // since the last line
    private final AtomicLong lastLine = new AtomicLong(NEVER);

    /** One more; how many there were since the last line if it is time for another one, else 0. */
    long count(long nanoTime) {
        events.incrementAndGet();
        long last = lastLine.get();
        boolean due = last == NEVER || nanoTime - last >= INTERVAL_NANOS;
        return due && lastLine.compareAndSet(last, nanoTime) ? events.getAndSet(0) : 0;
    }
}
