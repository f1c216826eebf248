package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which backends of a pool are left out since they could not be reached, and until when: for half a minute, twice as
 * long each time after that, five minutes at most. A quiet half minute takes one time back. The times are those of
 * Envoy's outlier detection; its cap of a tenth would mean nothing for three Pods, so here at least half of each set
 * stays in use, rounded up, and a single backend always.
 *
 * <p>Thread rule: the control thread.
 */
final class Ejections {

    static final Duration SHORTEST = Duration.ofSeconds(30);
    static final Duration LONGEST = Duration.ofMinutes(5);

    /** Nodes that have seen the same failure do not all come back at one moment: a fifth more or less. */
    private static final int JITTER_PERCENT = 20;

    private final PoolSettings settings;
    private final Map<Backend, Outage> out = new LinkedHashMap<>(); // in the order of their ejections
    private final Map<Backend, Past> past = new HashMap<>();

    Ejections(PoolSettings settings) {
        this.settings = settings;
    }

    /** How many are out. */
    int size() {
        return out.size();
    }

    @Nullable
    Outage outage(Backend backend) {
        return out.get(backend);
    }

    /**
     * Leaves a backend out.
     *
     * @param sets those that are offered
     * @return for how long; null if it is out already, or if no set can do without it
     */
    @Nullable
    Duration eject(Backend backend, Collection<List<Backend>> sets) {
        boolean room = sets.stream()
                .anyMatch(set -> set.contains(backend) && leftOut(set).size() < set.size() / 2);
        if (out.containsKey(backend) || !room) {
            return null;
        }
        return begin(backend, recentTimes(backend) + 1);
    }

    /** The trial has failed: leaves it out for longer. */
    Duration prolong(Outage failed) {
        return begin(failed.backend(), failed.times() + 1);
    }

    private Duration begin(Backend backend, int times) {
        long nanos = LONGEST.toNanos();
        if (times < 10) {
            nanos = Math.min(nanos, SHORTEST.toNanos() << times - 1);
        }
        int spread = settings.random().nextInt(2 * JITTER_PERCENT + 1) - JITTER_PERCENT;
        nanos += nanos / 100 * spread;
        long due = settings.ticker().read() + nanos;
        out.put(
                backend,
                new Outage(backend, times, due, settings.trialPatience().toNanos()));
        backend.reachability().ejected(true);
        return Duration.ofNanos(nanos);
    }

    private int recentTimes(Backend backend) {
        Past before = past.remove(backend);
        if (before == null) {
            return 0;
        }
        long quiet = (settings.ticker().read() - before.returnedNanos) / SHORTEST.toNanos();
        return (int) Math.max(0, before.times - quiet);
    }

    /** Takes a backend back; false if it was not out. */
    boolean restore(Backend backend) {
        Outage ended = out.remove(backend);
        if (ended == null) {
            return false;
        }
        past.put(backend, new Past(ended.times(), settings.ticker().read()));
        backend.reachability().ejected(false);
        return true;
    }

    /** Forgets all but these. */
    void retain(Collection<Backend> listed) {
        out.keySet().retainAll(listed);
        past.keySet().retainAll(listed);
    }

    /** Takes all back and forgets the past. */
    void clear() {
        out.keySet().forEach(backend -> backend.reachability().ejected(false));
        out.clear();
        past.clear();
    }

    /** Those of a set that are left out; if too many are, those that were first. */
    List<Outage> leftOut(List<Backend> set) {
        List<Outage> left = new ArrayList<>();
        for (Outage outage : out.values()) {
            if (left.size() < set.size() / 2 && set.contains(outage.backend())) {
                left.add(outage);
            }
        }
        return left;
    }

    private record Past(int times, long returnedNanos) {}
}
