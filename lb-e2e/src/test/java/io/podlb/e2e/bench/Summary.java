package io.podlb.e2e.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Median and range of one figure over the rounds. */
record Summary(double median, double min, double max) {

    /** Empty if no sample has the figure. */
    static Optional<Summary> of(List<Sample> samples, Figure figure) {
        double[] values = samples.stream()
                .map(sample -> sample.get(figure))
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .sorted()
                .toArray();
        return values.length == 0 ? Optional.empty() : Optional.of(of(values));
    }

    private static Summary of(double[] sorted) {
        int middle = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Summary(median, sorted[0], Arrays.stream(sorted).max().orElseThrow());
    }

    /** Half of the range, in per cent of the median. */
    double spreadPercent() {
        return median == 0 ? 0 : 100 * (max - min) / 2 / Math.abs(median);
    }
}
