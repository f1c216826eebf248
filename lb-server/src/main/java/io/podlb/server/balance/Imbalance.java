package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How many connections backends have beyond their fair share. Pure. */
final class Imbalance {

    /** A tenth: what a random choice does anyway is nothing to mend. */
    private static final int TOLERANCE_PERCENT = 10;

    private Imbalance() {}

    /** The excess of each backend that has one: what is above its part of all connections by weight and a tenth more. */
    static Map<Backend, Integer> excess(List<Backend> backends) {
        long weights = 0;
        long connections = 0;
        for (Backend backend : backends) {
            weights += backend.weight();
            connections += backend.active();
        }
        Map<Backend, Integer> excess = new LinkedHashMap<>();
        for (Backend backend : backends) {
            long hundredths = connections * backend.weight() * (100 + TOLERANCE_PERCENT);
            long fair = (hundredths + 100 * weights - 1) / (100 * weights); // rounded up
            if (backend.active() > fair) {
                excess.put(backend, (int) (backend.active() - fair));
            }
        }
        return excess;
    }
}
