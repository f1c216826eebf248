package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A list of backends, frozen together with the weights they had at that moment, and the draws that policies make from
 * it. Immutable; may be used by any thread.
 *
 * <p>Weights lie end to end on a line from 0 to {@link #totalWeight()}; a candidate owns the points of its stretch.
 */
final class Candidates {

    private static final int NONE = -1;

    private final List<Backend> backends;
    private final int[] ends; // where the stretch of each candidate ends, exclusive
    private final int equalWeight; // what every candidate weighs, 0 if they differ

    Candidates(List<Backend> backends) {
        this.backends = List.copyOf(backends);
        this.ends = new int[this.backends.size()];
        int end = 0;
        int first = ends.length == 0 ? 0 : this.backends.get(0).weight();
        boolean equal = true;
        for (int i = 0; i < ends.length; i++) {
            int weight = this.backends.get(i).weight();
            equal &= weight == first;
            end = Math.addExact(end, weight);
            ends[i] = end;
        }
        this.equalWeight = equal ? first : 0;
    }

    List<Backend> backends() {
        return backends;
    }

    int size() {
        return ends.length;
    }

    Backend get(int index) {
        return backends.get(index);
    }

    int weight(int index) {
        return ends[index] - start(index);
    }

    int totalWeight() {
        return ends.length == 0 ? 0 : ends[ends.length - 1];
    }

    boolean hasEqualWeights() {
        return equalWeight > 0 || ends.length == 0;
    }

    /** How many are left for this connection. */
    int usable(PickContext context) {
        if (context.excludesNone()) {
            return ends.length;
        }
        int usable = 0;
        for (Backend backend : backends) {
            usable += context.excludes(backend) ? 0 : 1;
        }
        return usable;
    }

    /** What those that are left for this connection weigh together. */
    int usableWeight(PickContext context) {
        return usableWeight(context, NONE);
    }

    /** The pick where at most one candidate is left: that one, or null. */
    @Nullable
    Pick onlyOrNone(PickContext context) {
        for (Backend backend : backends) {
            if (!context.excludes(backend)) {
                return new Pick(backend, PickReason.Only.INSTANCE);
            }
        }
        return null;
    }

    /** Draws by weight among those left for this connection, of which there must be one. */
    int draw(RandomSource random, PickContext context) {
        return context.excludesNone() ? at(random.nextInt(totalWeight())) : drawSlowly(random, context, NONE);
    }

    /** Draws by weight among those left for this connection without {@code first}; there must be one. */
    int drawOther(RandomSource random, PickContext context, int first) {
        if (!context.excludesNone()) {
            return drawSlowly(random, context, first);
        }
        int point = random.nextInt(totalWeight() - weight(first));
        return at(point < start(first) ? point : point + weight(first));
    }

    private int drawSlowly(RandomSource random, PickContext context, int except) {
        int left = random.nextInt(usableWeight(context, except));
        int index = NONE;
        while (left >= 0) {
            index++;
            left -= usableWeight(index, context, except);
        }
        return index;
    }

    private int usableWeight(PickContext context, int except) {
        if (context.excludesNone() && except == NONE) {
            return totalWeight();
        }
        int total = 0;
        for (int i = 0; i < ends.length; i++) {
            total += usableWeight(i, context, except);
        }
        return total;
    }

    private int usableWeight(int index, PickContext context, int except) {
        return index == except || context.excludes(backends.get(index)) ? 0 : weight(index);
    }

    /** The candidate that owns a point. */
    private int at(int point) {
        if (equalWeight > 0) {
            return point / equalWeight;
        }
        int found = Arrays.binarySearch(ends, point);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private int start(int index) {
        return index == 0 ? 0 : ends[index - 1];
    }
}
