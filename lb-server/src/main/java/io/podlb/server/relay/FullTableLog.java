package io.podlb.server.relay;

import java.util.function.IntSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of a full flow table, however many flows make room: one line per interval. May be used by any thread. */
final class FullTableLog {

    private static final Logger logger = LoggerFactory.getLogger(FullTableLog.class);

    private final IntSupplier maxFlows;
    private final LinePerMinute pace = new LinePerMinute();

    FullTableLog(IntSupplier maxFlows) {
        this.maxFlows = maxFlows;
    }

    /** One more flow had to make room. */
    void evicted(long nanoTime) {
        long count = pace.count(nanoTime);
        if (count > 0) {
            logger.warn(
                    "the table of UDP flows is full ({}); {} flows made room for new ones since the last such line;"
                            + " raise --udp-max-flows or the descriptor limit (ulimit -n), or see who sends from so many ports",
                    maxFlows.getAsInt(),
                    count);
        }
    }
}
