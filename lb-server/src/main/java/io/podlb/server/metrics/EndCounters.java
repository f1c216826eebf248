package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import io.podlb.server.service.EndReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A counter per end reason, made when the reason first occurs. May be used by any thread. */
final class EndCounters {

    private final Map<EndReason, Counter> counters = new ConcurrentHashMap<>();
    private final Function<String, Counter> maker;

    /**
     * @param maker makes the counter for the label of a reason
     */
    EndCounters(Function<String, Counter> maker) {
        this.maker = maker;
    }

    Counter of(EndReason reason) {
        return counters.computeIfAbsent(reason, r -> maker.apply(r.label()));
    }
}
