package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The balancing policies by name. A policy of one's own is a class that implements {@link Balancer} and one call of
 * {@link #plus}. Immutable.
 */
public final class Policies {

    /** What kube-proxy does: uniform random (kube-semantics 8.1). */
    public static final String DEFAULT = "random";

    private final Map<String, Policy> policies;

    private Policies(Map<String, Policy> policies) {
        this.policies = policies;
    }

    /** Those that podlb ships; every draw comes from {@code random}. */
    public static Policies standard(RandomSource random) {
        Map<String, Policy> policies = new TreeMap<>();
        policies.put(DEFAULT, new Policy(candidates -> new WeightedRandom(candidates, random), true));
        policies.put("round-robin", new Policy(candidates -> new RoundRobin(candidates, random), true));
        policies.put("least-connections", new Policy(candidates -> new LeastConnections(candidates, random), false));
        policies.put("two-choices", new Policy(candidates -> new TwoChoices(candidates, random), false));
        policies.put("maglev", new Policy(Maglev::new, false));
        return new Policies(policies);
    }

    /** These and one more, or another one of that name. It has no fixed shares. */
    public Policies plus(String name, Function<List<Backend>, Balancer> maker) {
        Map<String, Policy> more = new TreeMap<>(policies);
        more.put(name, new Policy(maker, false));
        return new Policies(more);
    }

    public SortedSet<String> names() {
        return new TreeSet<>(policies.keySet());
    }

    /**
     * The part of all new connections that each endpoint is expected to get, affinity aside: fractions that add up to 1,
     * in the order of {@code weights}; null where the policy has no fixed shares because it looks at load or at the
     * client. A single endpoint gets everything under each policy.
     *
     * @param name name of the policy
     * @param weights weight of each usable endpoint, as in {@link io.podlb.server.service.BackendSpec}
     * @throws IllegalArgumentException if there is no policy of that name
     */
    public double @Nullable [] expectedShares(String name, int... weights) {
        if (!policy(name).sharesByWeight && weights.length > 1) {
            return null;
        }
        double total = Arrays.stream(weights).asLongStream().sum();
        return Arrays.stream(weights).mapToDouble(weight -> weight / total).toArray();
    }

    /**
     * A new balancer of that policy.
     *
     * @throws IllegalArgumentException if there is no policy of that name
     */
    Balancer create(String name, List<Backend> candidates) {
        return policy(name).maker.apply(candidates);
    }

    private Policy policy(String name) {
        Policy policy = policies.get(name);
        if (policy == null) {
            throw new IllegalArgumentException("policy: " + name + " (expected: one of " + names() + ")");
        }
        return policy;
    }

    private record Policy(Function<List<Backend>, Balancer> maker, boolean sharesByWeight) {}
}
