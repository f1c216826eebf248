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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The backends of one service port and the balancers over them.
 *
 * <p>Thread rule: made, updated and closed on the control thread; {@link #balancer} may be called by any thread and is
 * one volatile read. A balancer that was read before an update stays valid for the connection that read it.
 */
public final class BackendPool implements AutoCloseable {

    /** Most clients that one service port remembers; the ones not seen for longest go first. */
    public static final int MAX_AFFINITY_ENTRIES = 100_000;

    private final Policies policies;
    private final Ticker ticker;
    private final ServicePortMetrics metrics;
    private final Map<SocketAddressSpec, Backend> backends = new HashMap<>(); // control thread
    private String policy; // control thread
    private @Nullable AffinityTable affinity; // control thread
    private volatile Balancers balancers; // written by the control thread

    /** A pool that offers the backends of the spec. */
    public BackendPool(ServicePortSpec spec, Policies policies, Ticker ticker, ServicePortMetrics metrics) {
        this.policies = policies;
        this.ticker = ticker;
        this.metrics = metrics;
        this.policy = spec.policy();
        this.balancers = new Balancers(policies.create(policy, List.of()), policies.create(policy, List.of()));
        for (EndpointSet set : EndpointSet.values()) {
            metrics.watchPool(set, () -> balancer(set).candidates().size());
        }
        metrics.watchAffinity(() -> {
            AffinityTable table = affinity;
            return table == null ? 0L : table.size();
        });
        update(spec);
    }

    /** The balancer over one of the sets; read it once per connection. */
    public Balancer balancer(EndpointSet set) {
        return set == EndpointSet.CLUSTER ? balancers.cluster : balancers.local;
    }

    /**
     * Takes over the backends, policy and affinity of the spec. A backend that stays listed keeps its running state,
     * and a policy that stays keeps its cursor; one volatile write makes all of it visible at once.
     */
    public void update(ServicePortSpec spec) {
        Map<SocketAddressSpec, Backend> retired = new HashMap<>(backends);
        List<Backend> cluster = resolve(spec.cluster(), retired);
        List<Backend> local = resolve(spec.local(), retired);
        boolean samePolicy = policy.equals(spec.policy());
        policy = spec.policy();
        updateAffinity(spec.affinityTimeout());
        Balancers before = balancers;
        balancers = new Balancers(next(before.cluster, samePolicy, cluster), next(before.local, samePolicy, local));
        // Retired after they can no longer be picked; their sessions go on and keep the objects alive.
        for (SocketAddressSpec address : retired.keySet()) {
            Backend gone = backends.remove(address);
            if (gone != null) {
                gone.metrics().close();
            }
        }
    }

    private List<Backend> resolve(List<BackendSpec> specs, Map<SocketAddressSpec, Backend> retired) {
        List<Backend> resolved = new ArrayList<>(specs.size());
        for (BackendSpec spec : specs) {
            Backend backend = backends.computeIfAbsent(
                    spec.address(), address -> new Backend(spec, metrics.backend(address.toString())));
            backend.update(spec);
            retired.remove(spec.address());
            resolved.add(backend);
        }
        return resolved;
    }

    /** Turning affinity off forgets all clients, turning it on starts fresh (kube-semantics 8.6). */
    private void updateAffinity(@Nullable Duration timeout) {
        if (timeout == null) {
            affinity = null;
        } else if (affinity == null) {
            affinity = new AffinityTable(timeout, MAX_AFFINITY_ENTRIES, ticker);
        } else {
            affinity.timeout(timeout);
        }
    }

    private Balancer next(Balancer before, boolean samePolicy, List<Backend> candidates) {
        Balancer plain = before instanceof Sticky sticky ? sticky.inner() : before;
        Balancer next = samePolicy ? plain.with(candidates) : policies.create(policy, candidates);
        return affinity == null ? next : new Sticky(next, affinity);
    }

    /** Forgets all backends; what still runs to them goes on. */
    @Override
    public void close() {
        balancers = new Balancers(policies.create(policy, List.of()), policies.create(policy, List.of()));
        backends.values().forEach(backend -> backend.metrics().close());
        backends.clear();
    }

    private record Balancers(Balancer cluster, Balancer local) {}
}
