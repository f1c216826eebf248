package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.TrafficMetrics;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.TrafficRules.Ejection;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what connections report of the backends of one service port into ejections and returns.
 *
 * <p>Thread rule: any thread reports; all else is for the control thread, where the decisions are made.
 */
final class Ejector {

    private static final Logger logger = LoggerFactory.getLogger(Ejector.class);

    private final ServicePortName port;
    private final PoolSettings settings;
    private final TrafficMetrics metrics;
    private final Ejections ejections;
    private final Supplier<Collection<List<Backend>>> sets;
    private final Runnable changed;
    private volatile int after; // written by the control thread

    /**
     * @param sets those that are offered, everything in them that is listed
     * @param changed run when another set of backends is left out than before
     */
    Ejector(
            ServicePortName port,
            PoolSettings settings,
            TrafficMetrics metrics,
            Supplier<Collection<List<Backend>>> sets,
            Runnable changed) {
        this.port = port;
        this.settings = settings;
        this.metrics = metrics;
        this.ejections = new Ejections(settings);
        this.sets = sets;
        this.changed = changed;
    }

    void reached(Backend backend) {
        if (backend.reachability().reached()) {
            settings.control().execute(() -> restore(backend));
        }
    }

    void missed(Backend backend) {
        if (backend.reachability().missed(after)) {
            settings.control().execute(() -> decide(backend));
        }
    }

    /** Those of a set that are left out. */
    List<Outage> leftOut(List<Backend> set) {
        return ejections.leftOut(set);
    }

    /** Another rule, or other backends; the caller sees to what follows. */
    void update(Ejection rule, Set<Backend> listed) {
        int before = ejections.size();
        after = rule.afterFailures();
        if (rule.isOn()) {
            ejections.retain(listed);
        } else {
            ejections.clear();
        }
        if (ejections.size() < before) {
            metrics.restored(before - ejections.size());
        }
    }

    private void decide(Backend backend) {
        backend.reachability().decided();
        Outage outage = ejections.outage(backend);
        if (outage == null) {
            eject(backend, backend.reachability().failures());
        } else if (outage.isOnTrial(settings.ticker().read())) {
            Duration time = ejections.prolong(outage);
            metrics.trialFailed();
            changed.run();
            logger.info("{} backend {} stays out for {} s more: its trial failed", port, backend, seconds(time));
        }
    }

    private void eject(Backend backend, int failures) {
        boolean listed = sets.get().stream().anyMatch(set -> set.contains(backend));
        if (after == 0 || failures < after || !listed) {
            return; // a success, another rule or another table came first
        }
        Duration time = ejections.eject(backend, sets.get());
        if (time == null) {
            metrics.ejectionPrevented();
            return;
        }
        metrics.ejected();
        changed.run();
        logger.info(
                "{} backend {} is left out for {} s: it could not be reached {} times in a row",
                port,
                backend,
                seconds(time),
                failures);
    }

    private void restore(Backend backend) {
        backend.reachability().decided();
        if (ejections.restore(backend)) {
            metrics.restored(1);
            changed.run();
            logger.info("{} backend {} can be reached again and is back in use", port, backend);
        }
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }
}
