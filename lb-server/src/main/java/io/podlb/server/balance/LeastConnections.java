package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The candidate with the fewest connections for its weight. Connections count from the pick, so a burst spreads before
 * the first connect is through.
 *
 * <p>Among equals each has a chance by weight. A scan from a random offset would not do: of two idle candidates side by
 * side the first would win almost always. And without the weight an idle service would send half of its connections to
 * the lighter of two.
 *
 * <p>The cost of a pick grows with the number of candidates; for very large services {@link TwoChoices} is cheaper.
 */
final class LeastConnections implements Balancer {

    private final Candidates candidates;
    private final RandomSource random;

    LeastConnections(List<Backend> candidates, RandomSource random) {
        this.candidates = new Candidates(candidates);
        this.random = random;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        int usable = candidates.usable(context);
        if (usable < 2) {
            return candidates.onlyOrNone(context);
        }
        int best = 0;
        int bestActive = 0;
        int equals = 0; // weight of those as good as the best
        for (int i = 0; i < candidates.size(); i++) {
            Backend candidate = candidates.get(i);
            if (context.excludes(candidate)) {
                continue;
            }
            int active = candidate.active();
            int weight = candidates.weight(i);
            // active / weight against bestActive / bestWeight, without division.
            int order = Long.compare((long) active * candidates.weight(best), (long) bestActive * weight);
            boolean first = equals == 0;
            if (first || order < 0) {
                equals = weight;
            } else if (order == 0) {
                equals += weight;
            }
            if (first || order < 0 || order == 0 && random.nextInt(equals) < weight) {
                best = i;
                bestActive = active;
            }
        }
        return new Pick(
                candidates.get(best), new PickReason.LeastConnections(bestActive, candidates.weight(best), usable));
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new LeastConnections(next, random);
    }

    @Override
    public List<Backend> candidates() {
        return candidates.backends();
    }
}
