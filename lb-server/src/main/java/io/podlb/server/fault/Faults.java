package io.podlb.server.fault;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.metrics.TrafficMetrics;
import io.podlb.server.service.FaultRule;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.ServicePortName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All faults of one data plane: those that were set for it as a whole, and those that service ports bring along.
 *
 * <p>May be used by any thread.
 */
public final class Faults {

    private final Ticker ticker;
    private final long seed;
    private final Set<PortFaults> ports = ConcurrentHashMap.newKeySet();
    private volatile List<ActiveRule> live = List.of(); // written under the lock

    /**
     * None yet.
     *
     * @param random seeds the sequences of all rules; drawn from here and never again, since other draws are made at any time
     */
    public Faults(Ticker ticker, RandomSource random) {
        this.ticker = ticker;
        this.seed = (long) random.nextInt(Integer.MAX_VALUE) << 32 | random.nextInt(Integer.MAX_VALUE);
    }

    /**
     * Replaces what was set for the whole data plane, as one. A rule without a time of its own that is in both sets goes
     * on; every other one of the old set ends, for connections that have met it as well.
     */
    public synchronized void set(FaultSet next) {
        List<ActiveRule> before = live;
        live = successors(before, next);
        takeBack(before, live);
    }

    /** The faults of one service port, none of its own yet. Whoever asks for them closes them. */
    public PortFaults of(ServicePortName port, TrafficMetrics metrics) {
        PortFaults faults = new PortFaults(this, port, metrics);
        ports.add(faults);
        return faults;
    }

    void forget(PortFaults gone) {
        ports.remove(gone);
    }

    List<ActiveRule> live() {
        return live;
    }

    long nanoTime() {
        return ticker.nanoTime();
    }

    /** Ends the rules that have no successor; call it once the new ones are in force, so that there is no gap. */
    static void takeBack(List<ActiveRule> before, List<ActiveRule> after) {
        for (ActiveRule rule : before) {
            if (!after.contains(rule)) {
                rule.takeBack();
            }
        }
    }

    /** The rules of a set, those that go on among them. */
    synchronized List<ActiveRule> successors(List<ActiveRule> before, FaultSet next) {
        List<ActiveRule> left = new ArrayList<>(before);
        List<ActiveRule> rules = new ArrayList<>();
        for (FaultRule rule : next.rules()) {
            ActiveRule known = left.stream()
                    .filter(active -> active.rule().equals(rule) && rule.lasting() == null)
                    .findFirst()
                    .orElse(null);
            if (known == null) {
                rules.add(new ActiveRule(rule, nanoTime(), seed(rule, rules.size())));
            } else {
                left.remove(known);
                rules.add(known);
            }
        }
        return List.copyOf(rules);
    }

    /** By what the rule says and where it stands, so that the same rules give the same run. */
    private long seed(FaultRule rule, int index) {
        return seed + ((long) rule.toString().hashCode() << 16) + index;
    }

    /** All rules, those for the whole data plane first; those whose time is over are among them. */
    public List<FaultView> views() {
        long now = nanoTime();
        List<FaultView> views = new ArrayList<>();
        live.forEach(rule -> views.add(rule.view(null, now)));
        ports.stream()
                .sorted(Comparator.comparing(PortFaults::port))
                .forEach(faults -> faults.own().forEach(rule -> views.add(rule.view(faults.port(), now))));
        return views;
    }
}
