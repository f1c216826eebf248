package io.podlb.server.fault;

import io.podlb.server.service.Fault.Latency;
import java.util.List;

/** The delays of what goes one way. */
final class Delays {

    private static final int STEPS = 1_000_000; // of a jitter from its least to its most

    private Delays() {}

    /**
     * How long the next one is on its way, all delays together, in nanoseconds.
     *
     * @param each whether every one counts as a hit, or a connection once
     */
    static long next(List<AppliedFault> faults, boolean each) {
        long nanos = 0;
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Latency latency && applied.isInForce()) {
                if (each) {
                    applied.hit();
                } else {
                    applied.met();
                }
                long jitter = latency.jitter().toNanos();
                nanos += latency.delay().toNanos() - jitter;
                if (jitter > 0) {
                    nanos += (long) (2.0 * jitter * applied.random(STEPS + 1) / STEPS);
                }
            }
        }
        return nanos;
    }
}
