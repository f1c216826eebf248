package io.podlb.kit;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What each Pod could expect of some connections, and what it got.
 *
 * <p>A connection gives each of its own candidates a part of one, by weight, so that a Pod that was a candidate for half
 * of the time is not held to a full share. Where the candidates never change that is Pearson's test as in the books;
 * where they do the counts vary less than it assumes, and it errs towards passing, never beyond its level towards
 * failing. Connections that were connected to none are nobody's and are left out.
 */
final class Expectation {

    /** Pearson's statistic follows the distribution well enough from this expected count on (Cochran 1954). */
    private static final double LEAST = 5;

    /** Sums of thirds miss whole numbers by less. */
    private static final double ROUNDING = 1e-6;

    private final Map<String, Double> expected = new LinkedHashMap<>();
    private final Map<String, Integer> got = new HashMap<>();
    private final Set<String> offered = new HashSet<>();
    private final Set<String> unweighted = new LinkedHashSet<>();
    private final int connections;
    private @Nullable String stranger;

    private Expectation(Receipts receipts, List<String> pods, Function<String, @Nullable Integer> weights) {
        pods.forEach(pod -> expected.put(pod, 0.0));
        int connected = 0;
        for (ConnectionRecord record : receipts.records()) {
            String backend = BackendName.of(record);
            if (backend != null) {
                connected++;
                got.merge(backend, 1, Integer::sum);
                add(record, record.candidates().isEmpty() ? receipts.pods() : record.candidates(), backend, weights);
            }
        }
        connections = connected;
    }

    /** The same weight for all. */
    static Expectation even(Receipts receipts) {
        return new Expectation(receipts, receipts.pods(), pod -> 1);
    }

    /** A weight for each Pod; those of weight 0 must get none. */
    static Expectation weighted(Receipts receipts, Map<String, Integer> weights) {
        // Sorted, since the order of a map of the caller may be none.
        Map<String, Integer> sorted = new TreeMap<>(weights);
        sorted.forEach((pod, weight) -> {
            if (weight < 0) {
                throw new IllegalArgumentException("weight of " + pod + ": " + weight + " (expected: at least 0)");
            }
        });
        List<String> heavy = sorted.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .map(Map.Entry::getKey)
                .toList();
        return new Expectation(receipts, heavy, sorted::get);
    }

    private void add(
            ConnectionRecord record,
            List<String> candidates,
            String backend,
            Function<String, @Nullable Integer> weights) {
        if (stranger == null && !candidates.contains(backend)) {
            stranger = "connection " + record.ordinal() + " of " + record.service() + ":" + record.port() + " is on "
                    + backend + ", which was none of its candidates";
        }
        offered.addAll(candidates);
        double total = 0;
        for (String candidate : candidates) {
            Integer weight = weights.apply(candidate);
            if (weight == null) {
                unweighted.add(candidate);
            }
            total += weight == null ? 0 : weight;
        }
        for (String candidate : candidates) {
            Integer weight = weights.apply(candidate);
            double part = weight == null || weight == 0 ? 0 : weight / total;
            expected.merge(candidate, part, Double::sum);
        }
    }

    /** How many were connected. */
    int connections() {
        return connections;
    }

    /** How many Pods could expect any. */
    int pods() {
        return (int) expected.values().stream().filter(count -> count > 0).count();
    }

    /** What a Pod could expect; null if it was never a candidate. */
    @Nullable
    Double of(String pod) {
        return expected.get(pod);
    }

    /** What is wrong before anything is computed; null if the statistic can decide. */
    @Nullable
    String problem() {
        if (connections == 0) {
            return "none was connected to any";
        }
        if (!unweighted.isEmpty()) {
            return String.join(", ", unweighted) + " could have been picked and has no weight: give one, 0 for no"
                    + " connection at all";
        }
        if (stranger != null) {
            return stranger;
        }
        for (Map.Entry<String, Double> entry : expected.entrySet()) {
            String problem = problemOf(entry.getKey(), entry.getValue());
            if (problem != null) {
                return problem;
            }
        }
        if (pods() < 2) {
            return "there was one candidate only, so that this says nothing: give the Service more Pods";
        }
        return tooFew();
    }

    private @Nullable String problemOf(String pod, double count) {
        if (count > 0) {
            return null;
        }
        if (!offered.contains(pod)) {
            return pod + " was a candidate of none of them";
        }
        int had = got.getOrDefault(pod, 0);
        return had == 0 ? null : pod + " got " + had + " with weight 0";
    }

    private @Nullable String tooFew() {
        Map.Entry<String, Double> least = expected.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .min(Map.Entry.comparingByValue())
                .orElseThrow();
        if (least.getValue() >= LEAST - ROUNDING) {
            return null;
        }
        return String.format(
                Locale.ROOT,
                "that is too few connections to tell: give at least %.0f, so that %s can expect %.0f instead of %.1f",
                Math.ceil(connections * LEAST / least.getValue() - ROUNDING),
                least.getKey(),
                LEAST,
                least.getValue());
    }

    /** Pearson's statistic: the sum of (got - expected)^2 / expected. */
    double statistic() {
        double statistic = 0;
        for (Map.Entry<String, Double> entry : expected.entrySet()) {
            if (entry.getValue() > 0) {
                double off = got.getOrDefault(entry.getKey(), 0) - entry.getValue();
                statistic += off * off / entry.getValue();
            }
        }
        return statistic;
    }

    int degreesOfFreedom() {
        return pods() - 1;
    }
}
