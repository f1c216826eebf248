package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import io.podlb.server.service.SocketAddressSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * ClientIP session affinity over another policy (kube-semantics 8.2 to 8.8).
 *
 * <p>A record counts only while its endpoint is a candidate. It is made at the pick, so that connections which a client
 * opens at once go to one place, on whatever event loops they are; renewed when a connection was established and not
 * before; and dropped when its endpoint could not be reached.
 */
final class Sticky implements Balancer {

    private static final PickReason AFFINITY = new PickReason.Affinity();

    private final Balancer inner;
    private final AffinityTable table;
    private final Map<SocketAddressSpec, Backend> byAddress;

    Sticky(Balancer inner, AffinityTable table) {
        this.inner = inner;
        this.table = table;
        this.byAddress = new HashMap<>();
        for (Backend candidate : inner.candidates()) {
            byAddress.put(candidate.address(), candidate);
        }
    }

    Balancer inner() {
        return inner;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        SocketAddressSpec seen = table.endpoint(context.client());
        Backend before = usable(seen, context);
        if (before != null) {
            return new Pick(before, AFFINITY);
        }
        Pick fresh = inner.pick(context);
        if (fresh == null) {
            return null;
        }
        SocketAddressSpec recorded =
                table.claim(context.client(), seen, fresh.backend().address());
        Backend chosen = usable(recorded, context);
        return chosen == null || chosen == fresh.backend() ? fresh : new Pick(chosen, AFFINITY);
    }

    private @Nullable Backend usable(@Nullable SocketAddressSpec recorded, PickContext context) {
        Backend backend = recorded == null ? null : byAddress.get(recorded);
        return backend == null || context.excludes(backend) ? null : backend;
    }

    @Override
    public void connected(PickContext context, Backend backend) {
        table.renew(context.client(), backend.address());
        inner.connected(context, backend);
    }

    @Override
    public void failed(PickContext context, Backend backend) {
        table.drop(context.client(), backend.address());
        inner.failed(context, backend);
    }

    @Override
    public Balancer with(List<Backend> candidates) {
        return new Sticky(inner.with(candidates), table);
    }

    @Override
    public List<Backend> candidates() {
        return inner.candidates();
    }
}
