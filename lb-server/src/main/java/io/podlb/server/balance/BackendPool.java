package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
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
 * <p>Thread rule: made, updated and closed on the control thread; {@link #balancer} may be called by any thread and is
 * one volatile read. A balancer that was read before an update stays valid for the connection that read it.
 */
public final class BackendPool implements AutoCloseable {

    /** Most clients that one service port remembers; those seen least make room. */
    public static final int MAX_AFFINITY_ENTRIES = 100_000;

    private final Policies policies;
    private final Ticker ticker;
    private final ServicePortMetrics metrics;
    private final Map<SocketAddressSpec, Backend> backends = new HashMap<>(); // control thread
    private String policy; // control thread
    private volatile @Nullable AffinityTable affinity; // written by the control thread, read by a gauge
    private volatile Balancers balancers; // written by the control thread

    /**
     * A pool that offers the backends of the spec.
     *
     * @throws IllegalArgumentException if there is no policy of that name
     */
    public BackendPool(ServicePortSpec spec, Policies policies, Ticker ticker, ServicePortMetrics metrics) {
        this.policies = policies;
        this.ticker = ticker;
        this.metrics = metrics;
        this.policy = spec.policy();
        this.balancers = empty(policy);
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

    /**
     * Takes over the backends, policy and affinity of the spec. A backend that stays listed keeps its running state,
     * and a policy that stays keeps its cursor; one volatile write makes all of it visible at once.
     *
     * @throws IllegalArgumentException if there is no policy of that name; then nothing has changed
     */
    public void update(ServicePortSpec spec) {
        Balancers fresh = policy.equals(spec.policy()) ? null : empty(spec.policy());
        Set<SocketAddressSpec> retired = new HashSet<>(backends.keySet());
        boolean reweighted = false;
        List<Backend> cluster = new ArrayList<>(spec.cluster().size());
        List<Backend> local = new ArrayList<>(spec.local().size());
        for (EndpointSet set : EndpointSet.values()) {
            for (BackendSpec listed : spec.backends(set)) {
                Backend backend = resolve(listed);
                reweighted |= backend.weight() != listed.weight();
                backend.update(listed);
                retired.remove(listed.address());
                (set == EndpointSet.CLUSTER ? cluster : local).add(backend);
            }
        }
        updateAffinity(spec.affinityTimeout());
        Balancers before = fresh == null ? balancers : fresh;
        balancers = new Balancers(next(before.cluster, cluster, reweighted), next(before.local, local, reweighted));
        policy = spec.policy();
        // Retired after they can no longer be picked; their sessions go on and keep the objects alive.
        for (SocketAddressSpec address : retired) {
            Backend gone = backends.remove(address);
            if (gone != null) {
                gone.metrics().close();
            }
        }
    }

    private Backend resolve(BackendSpec spec) {
        return backends.computeIfAbsent(
                spec.address(), address -> new Backend(spec, metrics.backend(address.toString())));
    }

    /** Turning affinity off forgets all clients, turning it on starts fresh (kube-semantics 8.6). */
    private void updateAffinity(@Nullable Duration timeout) {
        AffinityTable now = affinity;
        if (timeout == null) {
            affinity = null;
        } else if (now == null) {
            affinity = new AffinityTable(timeout, MAX_AFFINITY_ENTRIES, ticker);
        } else {
            now.timeout(timeout);
        }
    }

    /** The policy over its next list. What it has frozen stays if it would come out the same: a table can be large. */
    private Balancer next(Balancer before, List<Backend> candidates, boolean reweighted) {
        Balancer plain = before instanceof Sticky sticky ? sticky.inner() : before;
        boolean same = !reweighted && plain.candidates().equals(candidates);
        Balancer next = same ? plain : plain.with(candidates);
        AffinityTable table = affinity;
        return table == null ? next : new Sticky(next, table);
    }

    private Balancers empty(String policy) {
        return new Balancers(policies.create(policy, List.of()), policies.create(policy, List.of()));
    }

    private long rememberedClients() {
        AffinityTable table = affinity;
        return table == null ? 0 : table.size();
    }

    /** Forgets all backends and clients; what still runs goes on. */
    @Override
    public void close() {
        balancers = empty(policy);
        affinity = null;
        backends.values().forEach(backend -> backend.metrics().close());
        backends.clear();
    }

    private record Balancers(Balancer cluster, Balancer local) {}
}
