package io.podlb.control.translate;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.ZoneSpill;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What leaves a zone whose endpoints would get too much. How much each zone sends is not known here, so it is taken that
 * all send the same; nodes that see the same slices come to the same result.
 *
 * @param loadFactor what an endpoint of this zone would get, in means over all endpoints
 * @param kept the part of the connections that stays in this zone, from 0 to 1
 * @param zones where the rest goes: zones whose endpoints would get less than the mean
 * @param weights of the endpoints of this zone and of those zones
 */
public record Spill(double loadFactor, double kept, SortedSet<String> zones, Map<SocketAddressSpec, Integer> weights) {

    public Spill {
        zones = new TreeSet<>(zones);
        weights = Map.copyOf(weights);
    }

    /**
     * What leaves the zone under hints for it.
     *
     * @param ready every ready endpoint, each with a hint
     * @return null if nothing does
     */
    static @Nullable Spill of(SortedMap<SocketAddressSpec, SliceEndpoint> ready, String zone, ZoneSpill rule) {
        if (!rule.isOn()) {
            return null;
        }
        Map<String, Double> factors = loadFactors(ready.values());
        double factor = factors.getOrDefault(zone, 0.0);
        double most = rule.loadFactor() / 100.0;
        Map<SocketAddressSpec, Integer> here = new HashMap<>();
        Map<SocketAddressSpec, Integer> there = new HashMap<>();
        SortedSet<String> zones = new TreeSet<>();
        ready.forEach((address, endpoint) -> {
            SortedSet<String> idle = new TreeSet<>(endpoint.forZones());
            idle.removeIf(other -> factors.getOrDefault(other, 1.0) >= 1);
            if (endpoint.forZones().contains(zone)) {
                here.put(address, endpoint.weight());
            } else if (!idle.isEmpty()) {
                there.put(address, endpoint.weight());
                zones.addAll(idle);
            }
        });
        if (factor <= most || there.isEmpty()) {
            return null;
        }
        double kept = most / factor;
        Map<SocketAddressSpec, Double> parts = new TreeMap<>();
        addParts(parts, here, kept);
        addParts(parts, there, 1 - kept);
        return new Spill(factor, kept, zones, weights(parts));
    }

    /** An endpoint that is hinted for several zones belongs to each of them in equal parts. */
    private static Map<String, Double> loadFactors(Collection<SliceEndpoint> ready) {
        Map<String, Double> capacities = new TreeMap<>();
        double total = 0;
        for (SliceEndpoint endpoint : ready) {
            total += endpoint.weight();
            for (String zone : endpoint.forZones()) {
                double part = (double) endpoint.weight() / endpoint.forZones().size();
                capacities.merge(zone, part, Double::sum);
            }
        }
        double mean = total / capacities.size();
        capacities.replaceAll((zone, capacity) -> mean / capacity);
        return capacities;
    }

    /** Shares the part out by weight. */
    private static void addParts(
            Map<SocketAddressSpec, Double> parts, Map<SocketAddressSpec, Integer> weights, double part) {
        double total = weights.values().stream().mapToInt(Integer::intValue).sum();
        weights.forEach((address, weight) -> parts.put(address, part * weight / total));
    }

    /** Whole numbers in the same proportions, as large as weights may be, so that rounding does not matter. */
    private static Map<SocketAddressSpec, Integer> weights(Map<SocketAddressSpec, Double> parts) {
        double largest =
                parts.values().stream().mapToDouble(Double::doubleValue).max().orElse(1);
        Map<SocketAddressSpec, Integer> weights = new HashMap<>();
        parts.forEach((address, part) ->
                weights.put(address, (int) Math.max(1, Math.round(part / largest * BackendSpec.MAX_WEIGHT))));
        return weights;
    }
}
