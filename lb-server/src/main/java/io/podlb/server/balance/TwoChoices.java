package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The better of two candidates that were drawn: fewer connections for its weight, the first drawn if they are equal. The
 * two are always distinct; drawn independently, the busier of two would still get a quarter of all connections.
 *
 * <p>The draw itself goes by weight, too. A heavy candidate among many light ones would be seen in two of n draws only,
 * whatever it weighs, and the light ones would be overrun; drawn by weight it is seen as often as it can serve. And as
 * equals are settled by the first draw, an idle service follows the weights.
 */
final class TwoChoices implements Balancer {

    private final Candidates candidates;
    private final RandomSource random;

    TwoChoices(List<Backend> candidates, RandomSource random) {
        this.candidates = new Candidates(candidates);
        this.random = random;
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        if (candidates.usable(context) < 2) {
            return candidates.onlyOrNone(context);
        }
        int first = candidates.draw(random, context);
        int second = candidates.drawOther(random, context, first);
        int firstActive = candidates.get(first).active();
        int secondActive = candidates.get(second).active();
        boolean takeSecond =
                (long) secondActive * candidates.weight(first) < (long) firstActive * candidates.weight(second);
        return takeSecond
                ? pick(second, secondActive, first, firstActive)
                : pick(first, firstActive, second, secondActive);
    }

    private Pick pick(int taken, int active, int other, int otherActive) {
        PickReason reason = new PickReason.TwoChoices(
                active,
                candidates.weight(taken),
                candidates.get(other).address(),
                otherActive,
                candidates.weight(other));
        return new Pick(candidates.get(taken), reason);
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new TwoChoices(next, random);
    }

    @Override
    public List<Backend> candidates() {
        return candidates.backends();
    }
}
