package io.podlb.e2e.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The samples of several candidates, taken in turn: A B C A B C. What drifts on the machine (its clock, its neighbours)
 * then touches all of them alike.
 *
 * @param <T> what is measured
 * @param samples by candidate, in the order of the rounds
 */
record Rounds<T>(Map<T, List<Sample>> samples) {

    /** How near two samples in succession must be to call a candidate warm. */
    static final double STEADY = 0.03;

    /** Fewer samples than this are never enough: code that is compiled late looks steady before it. */
    private static final int LEAST = 3;

    static <T> Rounds<T> interleaved(List<T> candidates, int rounds, Function<T, Sample> measure) {
        Map<T, List<Sample>> samples = new LinkedHashMap<>();
        candidates.forEach(candidate -> samples.put(candidate, new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            samples.forEach((candidate, taken) -> taken.add(measure.apply(candidate)));
        }
        return new Rounds<>(samples);
    }

    /**
     * Takes samples until two in succession differ by less than {@link #STEADY} in a figure, but not more than
     * {@code most}.
     *
     * @return all of them; the last two tell whether it became steady
     */
    static List<Sample> untilSteady(Supplier<Sample> measure, Figure figure, int most) {
        List<Sample> taken = new ArrayList<>();
        while (taken.size() < most && !isSteady(taken, figure)) {
            taken.add(measure.get());
        }
        return taken;
    }

    static boolean isSteady(List<Sample> taken, Figure figure) {
        if (taken.size() < LEAST) {
            return false;
        }
        OptionalDouble last = taken.get(taken.size() - 1).get(figure);
        OptionalDouble before = taken.get(taken.size() - 2).get(figure);
        return last.isPresent()
                && before.isPresent()
                && Math.abs(last.getAsDouble() - before.getAsDouble()) < STEADY * before.getAsDouble();
    }
}
