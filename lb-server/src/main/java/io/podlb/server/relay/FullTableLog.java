package io.podlb.server.relay;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of a full flow table, however many flows make room: one line per interval. May be used by any thread. */
final class FullTableLog {

    private static final Logger logger = LoggerFactory.getLogger(FullTableLog.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long NEVER = Long.MIN_VALUE;

    private final IntSupplier maxFlows;
    private final AtomicLong evicted = new AtomicLong(); // since the last line
    private final AtomicLong lastLine = new AtomicLong(NEVER);

    FullTableLog(IntSupplier maxFlows) {
        this.maxFlows = maxFlows;
    }

    /** One more flow had to make room. */
    void evicted(long nanoTime) {
        evicted.incrementAndGet();
        long last = lastLine.get();
        boolean due = last == NEVER || nanoTime - last >= INTERVAL_NANOS;
        if (due && lastLine.compareAndSet(last, nanoTime)) {
            logger.warn(
                    "the table of UDP flows is full ({}); {} flows made room for new ones since the last such line;"
                            + " raise --udp-max-flows or the descriptor limit (ulimit -n), or see who sends from so many ports",
                    maxFlows.getAsInt(),
                    evicted.getAndSet(0));
        }
    }
}
