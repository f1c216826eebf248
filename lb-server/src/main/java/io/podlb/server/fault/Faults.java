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
 * All faults of one data plane: those that were set for it as a whole, those that were
 * injected, and those that service ports bring along.
 *
 * <p>May be used by any thread.
 */
public final class Faults {

    private final Ticker ticker;
    private final long seed;
    private final Set<PortFaults> ports = ConcurrentHashMap.newKeySet();
    private final List<FaultInjection> injections = new ArrayList<>(); // lock
    private List<ActiveRule> set = List.of(); // lock
    private long injected; // lock
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
        List<ActiveRule> before = set;
        set = successors(before, next);
        goLive();
        takeBack(before, set);
    }

    /** Adds rules as one, behind those that are there, each with the whole of its time before it. */
    public synchronized FaultInjection inject(FaultSet added) {
        injected++;
        FaultInjection injection = new FaultInjection(this, successors(List.of(), added, injected));
        injections.add(injection);
        goLive();
        return injection;
    }

    synchronized void end(FaultInjection injection) {
        if (injections.remove(injection)) {
            goLive();
            takeBack(injection.rules(), List.of());
        }
    }

    private void goLive() {
        List<ActiveRule> rules = new ArrayList<>(set);
        injections.forEach(injection -> rules.addAll(injection.rules()));
        live = List.copyOf(rules);
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
    List<ActiveRule> successors(List<ActiveRule> before, FaultSet next) {
        return successors(before, next, 0);
    }

    private List<ActiveRule> successors(List<ActiveRule> before, FaultSet next, long origin) {
        List<ActiveRule> left = new ArrayList<>(before);
        List<ActiveRule> rules = new ArrayList<>();
        for (FaultRule rule : next.rules()) {
            ActiveRule known = left.stream()
                    .filter(active -> active.rule().equals(rule) && rule.lasting() == null)
                    .findFirst()
                    .orElse(null);
            if (known == null) {
                rules.add(new ActiveRule(rule, nanoTime(), seed(rule, rules.size(), origin)));
            } else {
                left.remove(known);
                rules.add(known);
            }
        }
        return List.copyOf(rules);
    }

    /** By what the rule says and where it stands, so that the same rules give the same run, and equal ones differ. */
    private long seed(FaultRule rule, int index, long origin) {
        return seed + (origin << 48) + ((long) rule.toString().hashCode() << 16) + index;
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
