package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.backend.Backend;
import io.podlb.server.service.TrafficRules.Rebalance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Says how many connections should be asked to end now, so that backends that have more than their share lose them at
 * the rate that the rule allows.
 *
 * <p>Thread rule: the control thread.
 */
final class Rebalancing {

    private final Ticker ticker;
    private long lastNanos;
    private double credit; // connections

    Rebalancing(Ticker ticker) {
        this.ticker = ticker;
        this.lastNanos = ticker.read();
    }

    /** Forgets what it might have asked until now. */
    void restart() {
        lastNanos = ticker.read();
        credit = 0;
    }

    /**
     * How many connections of each backend may be asked to end now; nothing more is granted for it until time has
     * passed, whether they end or not.
     *
     * @param backends those in use
     */
    Map<Backend, Integer> due(Rebalance rule, List<Backend> backends) {
        long now = ticker.read();
        double seconds = (double) (now - lastNanos) / TimeUnit.SECONDS.toNanos(1);
        lastNanos = now;
        int connections = backends.stream().mapToInt(Backend::active).sum();
        double perSecond = rule.perSecond() + rule.percentPerSecond() / 100.0 * connections;
        // What was not needed is not saved up for more than a second.
        credit = Math.min(credit + perSecond * seconds, Math.max(perSecond, 1));
        Map<Backend, Integer> due = new LinkedHashMap<>();
        for (Map.Entry<Backend, Integer> excess : Imbalance.excess(backends).entrySet()) {
            int granted = Math.min(excess.getValue(), (int) credit);
            if (granted > 0) {
                due.put(excess.getKey(), granted);
                credit -= granted;
            }
        }
        return due;
    }
}
