package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Each candidate with the same chance, as kube-proxy does it (kube-semantics 8.1). */
final class UniformRandom implements Balancer {

    private final List<Backend> candidates;
    private final RandomSource random;

    UniformRandom(List<Backend> candidates, RandomSource random) {
        this.candidates = List.copyOf(candidates);
        this.random = random;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        int usable = candidates.size();
        if (context.tries() > 0) {
            usable = 0;
            for (Backend candidate : candidates) {
                usable += context.excludes(candidate) ? 0 : 1;
            }
        }
        if (usable == 0) {
            return null;
        }
        int left = random.nextInt(usable);
        for (Backend candidate : candidates.subList(usable == candidates.size() ? left : 0, candidates.size())) {
            if (usable == candidates.size() || !context.excludes(candidate) && left-- == 0) {
                return new Pick(candidate, new PickReason.Random(usable));
            }
        }
        return null;
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new UniformRandom(next, random);
    }

    @Override
    public List<Backend> candidates() {
        return candidates;
    }
}
