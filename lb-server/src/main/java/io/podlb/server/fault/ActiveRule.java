package io.podlb.server.fault;

import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.ServicePortName;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** A rule since it was set. May be used by any thread. */
final class ActiveRule {

    private static final long GOLDEN = 0x9e3779b97f4a7c15L; // neighbours get seeds that are far apart

    private final FaultRule rule;
    private final long sinceNanos;
    private final long seed;
    private final LongAdder hits = new LongAdder();
    private volatile boolean takenBack; // written once

    ActiveRule(FaultRule rule, long sinceNanos, long seed) {
        this.rule = rule;
        this.sinceNanos = sinceNanos;
        this.seed = seed;
    }

    FaultRule rule() {
        return rule;
    }

    /** Whether it is still done to anybody, connections that have met it before included. */
    boolean isInForce(long nowNanos) {
        Duration lasting = rule.lasting();
        return !takenBack && (lasting == null || nowNanos - sinceNanos < lasting.toNanos());
    }

    void takeBack() {
        takenBack = true;
    }

    void hit() {
        hits.increment();
    }

    /** The same sequence for the same connection of the same rule, whatever else happens. */
    RandomSource randomFor(long ordinal) {
        return RandomSource.seeded(seed + ordinal * GOLDEN);
    }

    FaultView view(@Nullable ServicePortName port, long nowNanos) {
        Duration lasting = rule.lasting();
        Duration left = lasting == null ? null : lasting.minusNanos(nowNanos - sinceNanos);
        return new FaultView(port, rule, left != null && left.isNegative() ? Duration.ZERO : left, hits.sum());
    }
}
