package io.podlb.server.fault;

import java.util.List;

/**
 * Faults that are done until they are taken back, beside whatever else is set. May be used by any thread. Whoever sets
 * them closes it.
 */
public final class FaultInjection implements AutoCloseable {

    private final Faults all;
    private final List<ActiveRule> rules;

    FaultInjection(Faults all, List<ActiveRule> rules) {
        this.all = all;
        this.rules = rules;
    }

    List<ActiveRule> rules() {
        return rules;
    }

    /** Its rules and what they have done, after they were taken back as well. */
    public List<FaultView> views() {
        long now = all.nanoTime();
        return rules.stream().map(rule -> rule.view(null, now)).toList();
    }

    /** Takes back all of its rules as one, and no other. Does nothing the second time. */
    @Override
    public void close() {
        all.end(this);
    }
}
