package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of one service port and the balancers over them.
 *
 * <p>Thread rule: made, updated and closed on the control thread; {@link #balancer}, {@link #reached}, {@link #missed}
 * and {@link #retryBudget} may be called by any thread. The first is one volatile read. A balancer that was read before
 * an update stays valid for the connection that read it.
 */
public final class BackendPool implements AutoCloseable {

    /** Most clients that one service port remembers; those seen least make room. */
    public static final int MAX_AFFINITY_ENTRIES = 100_000;

    private static final Logger logger = LoggerFactory.getLogger(BackendPool.class);

    private final PoolSettings settings;
    private final ServicePortMetrics metrics;
    private final Map<SocketAddressSpec, Backend> backends = new HashMap<>(); // control thread
    private final Ejections ejections; // control thread
    private ServicePortSpec spec; // control thread
    private Lists lists = new Lists(List.of(), List.of()); // control thread
    private volatile @Nullable AffinityTable affinity; // written by the control thread, read by a gauge
    private volatile @Nullable RetryBudget retryBudget; // written by the control thread
    private volatile int ejectAfter; // written by the control thread
    private volatile Balancers balancers; // written by the control thread

    /**
     * A pool that offers the backends of the spec.
     *
     * @throws IllegalArgumentException if there is no policy of that name
     */
    public BackendPool(ServicePortSpec spec, PoolSettings settings, ServicePortMetrics metrics) {
        this.settings = settings;
        this.metrics = metrics;
        this.spec = spec;
        this.ejections = new Ejections(settings);
        this.balancers = empty(spec.policy());
        update(spec);
        for (EndpointSet set : EndpointSet.values()) {
            metrics.watchPool(set, () -> balancer(set).candidates().size());
        }
        metrics.watchAffinity(this::rememberedClients);
    }

    /** The balancer over one of the sets; read it once per connection. */
    public Balancer balancer(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? balancers.cluster : balancers.local;
    }

    /** Everything in one of the sets, whether it can be reached or not. Control thread only. */
    List<Backend> listed(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? lists.cluster : lists.local;
    }

    /** What bounds the retries of all connections together; null: nothing does. */
    public @Nullable RetryBudget retryBudget() {
        return retryBudget;
    }

    /** A connection got through to the backend. */
    public void reached(Backend backend) {
        if (backend.reachability().reached()) {
            settings.control().execute(() -> restore(backend));
        }
    }

    /** A connection did not get through to the backend, by no fault of this machine. */
    public void missed(Backend backend) {
        if (backend.reachability().missed(ejectAfter)) {
            settings.control().execute(() -> eject(backend));
        }
    }

    /**
     * Takes over the backends, policy and affinity of the spec. A backend that stays listed keeps its running state,
     * and a policy that stays keeps its cursor; one volatile write makes all of it visible at once.
     *
     * @throws IllegalArgumentException if there is no policy of that name; then nothing has changed
     */
    public void update(ServicePortSpec next) {
        Balancers before = spec.policy().equals(next.policy()) ? balancers : empty(next.policy());
        Set<SocketAddressSpec> retired = new HashSet<>(backends.keySet());
        boolean reweighted = false;
        List<Backend> cluster = new ArrayList<>(next.cluster().size());
        List<Backend> local = new ArrayList<>(next.local().size());
        for (EndpointSet set : EndpointSet.values()) {
            for (BackendSpec listed : next.backends(set)) {
                Backend backend = resolve(listed);
                reweighted |= backend.weight() != listed.weight();
                backend.update(listed);
                retired.remove(listed.address());
                (set == EndpointSet.CLUSTER ? cluster : local).add(backend);
            }
        }
        spec = next;
        lists = new Lists(cluster, local);
        updateAffinity(next.affinityTimeout());
        updateTraffic(next.traffic());
        publish(before, reweighted);
        // Retired after they can no longer be picked; their sessions go on and keep the objects alive.
        for (SocketAddressSpec address : retired) {
            Backend gone = backends.remove(address);
            if (gone != null) {
                gone.metrics().close();
            }
        }
    }

    private Backend resolve(BackendSpec listed) {
        return backends.computeIfAbsent(
                listed.address(), address -> new Backend(listed, metrics.backend(address.toString())));
    }

    /** Turning affinity off forgets all clients, turning it on starts fresh (kube-semantics 8.6). */
    private void updateAffinity(@Nullable Duration timeout) {
        AffinityTable now = affinity;
        if (timeout == null) {
            affinity = null;
        } else if (now == null) {
            affinity = new AffinityTable(timeout, MAX_AFFINITY_ENTRIES, settings.ticker());
        } else {
            now.timeout(timeout);
        }
    }

    private void updateTraffic(TrafficRules rules) {
        int out = ejections.size();
        ejectAfter = rules.ejection().afterFailures();
        if (rules.ejection().isOn()) {
            ejections.retain(lists.all());
        } else {
            ejections.clear();
        }
        if (ejections.size() < out) {
            metrics.traffic().restored(out - ejections.size());
        }
        int percent = rules.retryBudget().percent();
        RetryBudget budget = retryBudget;
        if (percent == 0) {
            retryBudget = null;
        } else if (budget == null || budget.percent() != percent) {
            retryBudget = new RetryBudget(percent, settings.ticker());
        }
    }

    private void eject(Backend backend) {
        backend.reachability().decided();
        Outage outage = ejections.outage(backend);
        int failures = backend.reachability().failures();
        if (outage != null && outage.isOnTrial(settings.ticker().read())) {
            Duration time = ejections.prolong(outage);
            metrics.traffic().trialFailed();
            logger.info("{} backend {} stays out for {} s more: its trial failed", spec.name(), backend, seconds(time));
        } else if (outage == null && ejectAfter > 0 && failures >= ejectAfter && isListed(backend)) {
            Duration time = ejections.eject(backend, List.of(lists.cluster, lists.local));
            if (time == null) {
                metrics.traffic().ejectionPrevented();
                return;
            }
            metrics.traffic().ejected();
            logger.info(
                    "{} backend {} is left out for {} s: it could not be reached {} times in a row",
                    spec.name(),
                    backend,
                    seconds(time),
                    failures);
        } else {
            return;
        }
        publish(balancers, false);
    }

    private void restore(Backend backend) {
        backend.reachability().decided();
        if (ejections.restore(backend)) {
            metrics.traffic().restored(1);
            publish(balancers, false);
            logger.info("{} backend {} can be reached again and is back in use", spec.name(), backend);
        }
    }

    private boolean isListed(Backend backend) {
        return backends.get(backend.address()) == backend;
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1000.0;
    }

    private void publish(Balancers before, boolean reweighted) {
        balancers = new Balancers(
                next(before.cluster, lists.cluster, reweighted), next(before.local, lists.local, reweighted));
    }

    /** The policy over its next list. What it has frozen stays if it would come out the same: a table can be large. */
    private Balancer next(Balancer before, List<Backend> listed, boolean reweighted) {
        Balancer inner = before instanceof Sticky sticky ? sticky.inner() : before;
        Balancer plain = inner instanceof Trials trials ? trials.inner() : inner;
        List<Outage> outages = ejections.leftOut(listed);
        List<Backend> candidates = without(outages, listed);
        boolean same = !reweighted && plain.candidates().equals(candidates);
        Balancer next = same ? plain : plain.with(candidates);
        if (!outages.isEmpty()) {
            // Nobody need answer over UDP: there it is enough that nobody complained.
            boolean silenceIsGood = spec.name().protocol() == Protocol.UDP;
            next = new Trials(next, outages, settings.ticker(), silenceIsGood ? this::reached : null);
        }
        AffinityTable table = affinity;
        return table == null ? next : new Sticky(next, table);
    }

    private static List<Backend> without(List<Outage> outages, List<Backend> listed) {
        if (outages.isEmpty()) {
            return listed;
        }
        List<Backend> left = new ArrayList<>(listed);
        outages.forEach(outage -> left.remove(outage.backend()));
        return left;
    }

    private Balancers empty(String policy) {
        return new Balancers(
                settings.policies().create(policy, List.of()),
                settings.policies().create(policy, List.of()));
    }

    private long rememberedClients() {
        AffinityTable table = affinity;
        return table == null ? 0 : table.size();
    }

    /** Forgets all backends and clients; what still runs goes on. */
    @Override
    public void close() {
        lists = new Lists(List.of(), List.of());
        balancers = empty(spec.policy());
        affinity = null;
        ejections.clear();
        backends.values().forEach(backend -> backend.metrics().close());
        backends.clear();
    }

    private record Balancers(Balancer cluster, Balancer local) {}

    /** Everything that is listed, whether it can be reached or not. */
    private record Lists(List<Backend> cluster, List<Backend> local) {

        Set<Backend> all() {
            Set<Backend> all = new HashSet<>(cluster);
            all.addAll(local);
            return all;
        }
    }
}
