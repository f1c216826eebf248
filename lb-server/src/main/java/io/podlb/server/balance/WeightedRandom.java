package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Each candidate with the same chance, as kube-proxy does it (kube-semantics 8.1); with a chance by weight where weights
 * differ. What a connection has tried already is drawn around, so that the shares of the others stay in proportion.
 */
final class WeightedRandom implements Balancer {

    private final Candidates candidates;
    private final RandomSource random;

    WeightedRandom(List<Backend> candidates, RandomSource random) {
        this.candidates = new Candidates(candidates);
        this.random = random;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        int usable = candidates.usable(context);
        if (usable < 2) {
            return candidates.onlyOrNone(context);
        }
        int drawn = candidates.draw(random, context);
        PickReason reason = candidates.hasEqualWeights()
                ? new PickReason.Random(usable)
                : new PickReason.Weighted(candidates.weight(drawn), candidates.usableWeight(context));
        return new Pick(candidates.get(drawn), reason);
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new WeightedRandom(next, random);
    }

    @Override
    public List<Backend> candidates() {
        return candidates.backends();
    }
}
