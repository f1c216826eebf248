package io.podlb.server.fault;

import io.podlb.server.metrics.TrafficMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.ServicePortName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The faults of one service port: its own, and those for the whole data plane that are for it.
 *
 * <p>Thread rule: {@link #update} and {@link #close} are for the control thread, all else for any.
 */
public final class PortFaults implements AutoCloseable {

    private final Faults all;
    private final ServicePortName port;
    private final TrafficMetrics metrics;
    private volatile List<ActiveRule> own = List.of(); // written by the control thread
    private FaultSet set = FaultSet.NONE; // control thread

    PortFaults(Faults all, ServicePortName port, TrafficMetrics metrics) {
        this.all = all;
        this.port = port;
        this.metrics = metrics;
    }

    ServicePortName port() {
        return port;
    }

    List<ActiveRule> own() {
        return own;
    }

    /** Replaces its own faults; the same ones go on, with what is left of their time. */
    public void update(FaultSet next) {
        if (!next.equals(set)) {
            set = next;
            List<ActiveRule> before = own;
            own = all.successors(before, next);
            Faults.takeBack(before, own);
        }
    }

    /**
     * What is to be done to a connection or flow that is sent to a backend. Two volatile reads if there is no rule at all.
     *
     * @param ordinal of the connection, the same for each backend that it is sent to
     * @return null: nothing
     */
    public @Nullable FaultPlan plan(BackendSpec backend, long ordinal) {
        List<ActiveRule> mine = own;
        List<ActiveRule> live = all.live();
        if (mine.isEmpty() && live.isEmpty()) {
            return null;
        }
        List<AppliedFault> applied = new ArrayList<>();
        add(live, backend, ordinal, applied);
        add(mine, backend, ordinal, applied);
        return applied.isEmpty() ? null : new FaultPlan(applied);
    }

    private void add(List<ActiveRule> rules, BackendSpec backend, long ordinal, List<AppliedFault> to) {
        long now = all.nanoTime();
        for (ActiveRule active : rules) {
            if (active.isInForce(now)
                    && active.rule().fault().fits(port.protocol())
                    && active.rule().scope().covers(port)
                    && active.rule().scope().covers(backend, ordinal)) {
                to.add(new AppliedFault(active, this, ordinal));
            }
        }
    }

    boolean isInForce(ActiveRule rule) {
        return rule.isInForce(all.nanoTime());
    }

    void hit(ActiveRule rule) {
        rule.hit();
        metrics.faultInjected(rule.rule().fault().label());
    }

    @Override
    public void close() {
        all.forget(this);
        own.forEach(ActiveRule::takeBack);
        own = List.of();
    }
}
