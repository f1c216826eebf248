package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The candidates take turns. The cursor is shared by all successors, so that an update never starts over with the first
 * candidate, and begins at random, so that many nodes do not send their first connections to the same one.
 *
 * <p>Weights: a static stride. Turns go round the list; in each round a candidate of the largest weight is served, and a
 * lighter one in as many of {@code largest} rounds as it weighs, spread evenly over them. So any run of picks as long as
 * the total weight serves each candidate exactly by weight, without a schedule in memory.
 *
 * <p>A turn that cannot be served is used up and the next one taken, also when it falls to a backend that the connection
 * has tried. A retry therefore takes a turn that was due anyway, and the neighbour of a dead backend gets no more than
 * the others.
 */
final class RoundRobin implements Balancer {

    private static final double GOLDEN_RATIO = 0.6180339887498949;

    private final Candidates candidates;
    private final AtomicLong cursor; // the next turn; shared with earlier and later lists
    private final int largest; // weight that is served in every round

    RoundRobin(List<Backend> candidates, RandomSource random) {
        this(candidates, new AtomicLong(random.nextInt(Integer.MAX_VALUE)));
    }

    RoundRobin(List<Backend> candidates, AtomicLong cursor) {
        this.candidates = new Candidates(candidates);
        this.cursor = cursor;
        this.largest = candidates.stream().mapToInt(Backend::weight).max().orElse(1);
    }

    @Override
    public @Nullable Pick pick(PickContext context) {
        if (candidates.usable(context) < 2) {
            return candidates.onlyOrNone(context);
        }
        boolean everyTurnIsServed = candidates.hasEqualWeights() && context.excludesNone();
        long turn = everyTurnIsServed ? cursor.getAndIncrement() : takeServed(context);
        int index = index(turn);
        PickReason reason = candidates.hasEqualWeights()
                ? new PickReason.Turn(index + 1, candidates.size())
                : new PickReason.WeightedTurn(candidates.weight(index), candidates.totalWeight());
        return new Pick(candidates.get(index), reason);
    }

    /** Takes all turns up to the first that is served, at one stroke. It comes within {@code largest} rounds. */
    private long takeServed(PickContext context) {
        while (true) {
            long first = cursor.get();
            long turn = first;
            while (!isServed(turn) || context.excludes(candidates.get(index(turn)))) {
                turn++;
            }
            if (cursor.compareAndSet(first, turn + 1)) {
                return turn;
            }
        }
    }

    private boolean isServed(long turn) {
        int index = index(turn);
        int round = Math.floorMod(Math.floorDiv(turn, candidates.size()), largest);
        int weight = candidates.weight(index);
        // Each candidate starts elsewhere, or all light ones would be served in the same round.
        long offset = (long) (index * GOLDEN_RATIO * largest);
        return ((long) weight * round + offset) % largest >= largest - weight;
    }

    private int index(long turn) {
        return Math.floorMod(turn, candidates.size());
    }

    @Override
    public Balancer with(List<Backend> next) {
        return new RoundRobin(next, cursor);
    }

    @Override
    public List<Backend> candidates() {
        return candidates.backends();
    }
}
