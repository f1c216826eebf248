package io.podlb.e2e.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What one round has shown: values by the names of figures. A figure that the candidate does not have is left out.
 */
record Sample(Map<String, Double> values) {

    static final Sample EMPTY = new Sample(Map.of());

    Sample {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** This and one more value; NaN is left out. */
    Sample with(Figure figure, double value) {
        if (Double.isNaN(value)) {
            return this;
        }
        Map<String, Double> more = new LinkedHashMap<>(values);
        more.put(figure.name(), value);
        return new Sample(more);
    }

    OptionalDouble get(Figure figure) {
        Double value = values.get(figure.name());
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
