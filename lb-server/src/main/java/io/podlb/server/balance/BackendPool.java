package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import io.podlb.server.service.TrafficRules.Rebalance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The backends of one service port and the balancers over them.
 *
 * <p>Thread rule: made, updated and closed on the control thread; {@link #balancer}, {@link #offer}, {@link
 * #reached}, {@link #missed} and {@link #retryBudget} may be called by any thread. The first two are one volatile read. A balancer that was read before
 * an update stays valid for the connection that read it.
 */
public final class BackendPool implements AutoCloseable {

    /** Most clients that one service port remembers; those seen least make room. */
    public static final int MAX_AFFINITY_ENTRIES = 100_000;

    private final PoolSettings settings;
    private final ServicePortMetrics metrics;
    private final Map<SocketAddressSpec, Backend> backends = new HashMap<>(); // control thread
    private final Ejector ejector;
    private final SlowStarts slowStarts; // control thread
    private final Rebalancing rebalancing; // control thread
    private final Map<SocketAddressSpec, Backend> resting = new HashMap<>(); // not listed, may be again; control thread
    private final List<Backend> leaving = new ArrayList<>(); // control thread
    private ServicePortSpec spec; // control thread
    private Lists lists = new Lists(List.of(), List.of()); // control thread
    private volatile @Nullable AffinityTable affinity; // written by the control thread, read by a gauge
    private volatile @Nullable RetryBudget retryBudget; // written by the control thread
    private volatile long maxAgeNanos; // written by the control thread
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
        this.ejector = new Ejector(
                spec.name(),
                settings,
                metrics.traffic(),
                () -> List.of(lists.cluster, lists.local),
                () -> publish(balancers, false));
        this.slowStarts = new SlowStarts(settings.ticker());
        this.rebalancing = new Rebalancing(settings.ticker());
        this.balancers = empty(spec.policy());
        update(spec);
        for (EndpointSet set : EndpointSet.values()) {
            metrics.watchPool(set, () -> balancer(set).candidates().size());
        }
        metrics.watchAffinity(this::rememberedClients);
    }

    /** The balancer over one of the sets; read it once per connection. */
    public Balancer balancer(EndpointSet set) {
        return offer(set).balancer();
    }

    /** The same together with the name of its policy. */
    public Offer offer(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? balancers.cluster : balancers.local;
    }

    /** Name of the policy that is in force. Any thread. */
    public String policy() {
        return balancers.cluster.policy();
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
        ejector.reached(backend);
    }

    /** A connection did not get through to the backend, by no fault of this machine. */
    public void missed(Backend backend) {
        ejector.missed(backend);
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
        List<Backend> cluster = new ArrayList<>(next.cluster().size());
        List<Backend> local = new ArrayList<>(next.local().size());
        for (EndpointSet set : EndpointSet.values()) {
            for (BackendSpec listed : next.backends(set)) {
                Backend backend = resolve(listed);
                backend.update(listed);
                retired.remove(listed.address());
                (set == EndpointSet.CLUSTER ? cluster : local).add(backend);
            }
        }
        lists = new Lists(cluster, local);
        updateAffinity(next.affinityTimeout());
        updateTraffic(next.traffic());
        publish(before, slowStarts.apply(next.traffic().slowStart(), lists.all()));
        spec = next; // not before: what fails is done again, with the policy that is in force
        metrics.traffic().slowStarted(slowStarts.takeBegun());
        // Retired after they can no longer be picked; their sessions go on and keep the objects alive.
        for (SocketAddressSpec address : retired) {
            Backend gone = backends.remove(address);
            if (gone != null) {
                resting.put(address, gone);
            }
        }
        retire(next.traffic().drain());
    }

    /** Those that may come back rest, the others leave; without a drain all leave, and nobody need know. */
    private void retire(TrafficRules.Drain drain) {
        resting.values().removeIf(backend -> {
            boolean rests = drain.isOn() && drain.staying().contains(backend.address());
            if (!rests) {
                backend.metrics().close();
                if (drain.isOn()) {
                    leaving.add(backend);
                }
            }
            return !rests;
        });
    }

    /** Backends that have left since the last call and whose connections are to be drained. Control thread only. */
    public List<Backend> takeLeaving() {
        List<Backend> taken = List.copyOf(leaving);
        leaving.clear();
        return taken;
    }

    /** How old the next connection may become, in nanoseconds; 0: as old as it likes. Any thread. */
    public long ageLimitNanos() {
        long limit = maxAgeNanos;
        return limit == 0 ? 0 : limit + limit / 100 * (settings.random().nextInt(21) - 10);
    }

    /** How many connections of which backends are to be asked to end by now. Control thread only. */
    public Map<Backend, Integer> overfull() {
        Rebalance rule = spec.traffic().rebalance();
        if (!rule.isOn()) {
            return Map.of();
        }
        Balancer offered = balancer(lists.cluster.isEmpty() ? EndpointSet.LOCAL : EndpointSet.CLUSTER);
        return rebalancing.due(rule, offered.candidates());
    }

    private Backend resolve(BackendSpec listed) {
        return backends.computeIfAbsent(listed.address(), address -> {
            Backend rested = resting.remove(address);
            if (rested != null) {
                slowStarts.begin(rested);
                return rested;
            }
            Backend made = new Backend(listed, metrics.backend(address.toString()));
            slowStarts.begin(made);
            return made;
        });
    }

    /** Whether it changes with time, so that {@link #pulse} should be called now and then. Control thread only. */
    public boolean isRestless() {
        return slowStarts.size() > 0 || spec.traffic().rebalance().isOn();
    }

    /** Does what time demands. Control thread only. */
    public void pulse() {
        if (slowStarts.apply(spec.traffic().slowStart(), lists.all())) {
            publish(balancers, true);
        }
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
        ejector.update(rules.ejection(), lists.all());
        maxAgeNanos = rules.maxConnectionAge().toNanos();
        if (!rules.rebalance().isOn()) {
            rebalancing.restart();
        }
        int percent = rules.retryBudget().percent();
        RetryBudget budget = retryBudget;
        if (percent == 0) {
            retryBudget = null;
        } else if (budget == null || budget.percent() != percent) {
            retryBudget = new RetryBudget(percent, settings.ticker());
        }
    }

    private void publish(Balancers before, boolean reweighted) {
        balancers = new Balancers(
                next(before.cluster, lists.cluster, reweighted), next(before.local, lists.local, reweighted));
    }

    /** The policy over its next list. What it has frozen stays if it would come out the same: a table can be large. */
    private Offer next(Offer before, List<Backend> listed, boolean reweighted) {
        Balancer inner = before.balancer() instanceof Sticky sticky ? sticky.inner() : before.balancer();
        Balancer plain = inner instanceof Trials trials ? trials.inner() : inner;
        List<Outage> outages = ejector.leftOut(listed);
        List<Backend> candidates = without(outages, listed);
        boolean same = !reweighted && plain.candidates().equals(candidates);
        Balancer next = same ? plain : plain.with(candidates);
        if (!outages.isEmpty()) {
            // Nobody need answer over UDP: there it is enough that nobody complained.
            boolean silenceIsGood = spec.name().protocol() == Protocol.UDP;
            next = new Trials(next, outages, settings.ticker(), silenceIsGood ? this::reached : null);
        }
        AffinityTable table = affinity;
        return new Offer(before.policy(), table == null ? next : new Sticky(next, table));
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
                new Offer(policy, settings.policies().create(policy, List.of())),
                new Offer(policy, settings.policies().create(policy, List.of())));
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
        ejector.update(Ejection.OFF, Set.of());
        backends.values().forEach(backend -> backend.metrics().close());
        backends.clear();
        resting.values().forEach(backend -> backend.metrics().close());
        resting.clear();
    }

    private record Balancers(Offer cluster, Offer local) {}

    /** Everything that is listed, whether it can be reached or not. */
    private record Lists(List<Backend> cluster, List<Backend> local) {

        Set<Backend> all() {
            Set<Backend> all = new HashSet<>(cluster);
            all.addAll(local);
            return all;
        }
    }
}
