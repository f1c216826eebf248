package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing by the client's address with a {@link MaglevTable}: a client stays with its backend without any
 * memory of it, on every node and over restarts, and a change of the backends moves few clients but those of backends
 * that went.
 *
 * <p>Where a connection has tried a backend already, the entries after the client's own are walked to the next distinct
 * one. Owners follow each other without pattern, so the clients of a dead backend spread over all others.
 */
final class Maglev implements Balancer {

    private static final long CLIENT_SEED = 0x636c69656e740000L;

    private final Candidates candidates;
    private final MaglevTable table;

    Maglev(List<Backend> candidates) {
        this.candidates = new Candidates(candidates);
        this.table = new MaglevTable(candidates);
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        if (candidates.usable(context) < 2) {
            return candidates.onlyOrNone(context);
        }
        int slot = AddressHash.slot(AddressHash.of(context.client(), CLIENT_SEED), table.size());
        for (int walked = 0; walked < table.size(); walked++) {
            Backend owner = table.owner(slot);
            if (!context.excludes(owner)) {
                return new Pick(owner, new PickReason.Hash(slot, table.size()));
            }
            slot = slot + 1 == table.size() ? 0 : slot + 1;
        }
        return candidates.onlyOrNone(context);
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new Maglev(next);
    }

    @Override
    public List<Backend> candidates() {
        return candidates.backends();
    }
}
