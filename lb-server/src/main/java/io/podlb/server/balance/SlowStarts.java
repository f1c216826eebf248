package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.backend.Backend;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Backends that have just become ready, and how much of their weight they have by now: a tenth at first, then a tenth
 * more with each tenth of the time. Where all are new there is nobody to take the load meanwhile, and all have their
 * whole weight.
 *
 * <p>Thread rule: the control thread.
 */
final class SlowStarts {

    static final int STEPS = 10;

    private final Ticker ticker;
    private final Map<Backend, Long> sinceNanos = new HashMap<>();
    private int begun; // since it was last asked for

    SlowStarts(Ticker ticker) {
        this.ticker = ticker;
    }

    int size() {
        return sinceNanos.size();
    }

    void begin(Backend backend) {
        sinceNanos.put(backend, ticker.read());
        begun++;
    }

    /** How many have begun since the last call and are slow. */
    int takeBegun() {
        int slow = Math.min(begun, sinceNanos.size());
        begun = 0;
        return slow;
    }

    /**
     * Gives each backend the weight that it has by now. While some are slow all weights are {@link #STEPS} times what
     * their specs say, so that a tenth of weight 1 can be told.
     *
     * @param time how long a start takes; zero: no time
     * @return whether a weight has changed
     */
    boolean apply(Duration time, Set<Backend> listed) {
        long now = ticker.read();
        sinceNanos.keySet().retainAll(listed);
        sinceNanos.values().removeIf(since -> now - since >= time.toNanos());
        if (sinceNanos.size() == listed.size()) {
            sinceNanos.clear();
        }
        return weigh(listed, time.toNanos(), now);
    }

    private boolean weigh(Collection<Backend> listed, long timeNanos, long now) {
        boolean changed = false;
        for (Backend backend : listed) {
            Long since = sinceNanos.get(backend);
            int weight = backend.spec().weight();
            if (!sinceNanos.isEmpty()) {
                weight *= since == null ? STEPS : step(now - since, timeNanos);
            }
            changed |= backend.weight() != weight;
            backend.weight(weight);
        }
        return changed;
    }

    private static int step(long ageNanos, long timeNanos) {
        return (int) Math.min(STEPS, 1 + ageNanos / (timeNanos / STEPS));
    }
}
