package io.podlb.server.fault;

import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.Fault;
import io.podlb.server.service.FaultRule;

/** A rule as it is done to one connection or flow. Thread rule: the event loop of that. */
final class AppliedFault {

    private final ActiveRule rule;
    private final PortFaults port;
    private final RandomSource random;
    private boolean met;

    AppliedFault(ActiveRule rule, PortFaults port, long ordinal) {
        this.rule = rule;
        this.port = port;
        this.random = rule.randomFor(ordinal);
    }

    FaultRule rule() {
        return rule.rule();
    }

    Fault fault() {
        return rule.rule().fault();
    }

    /** Whether it still is to be done. */
    boolean isInForce() {
        return port.isInForce(rule);
    }

    /** A number from 0 to {@code bound - 1}. */
    int random(int bound) {
        return random.nextInt(bound);
    }

    /** It was done to the connection, which counts once however often. */
    void met() {
        if (!met) {
            hit();
        }
    }

    /** It was done to a datagram; each one counts. */
    void hit() {
        met = true;
        port.hit(rule);
    }

    /** Whether it was done at all. */
    boolean wasMet() {
        return met;
    }
}
