package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The balancing policies by name. A policy of one's own is a class that implements {@link Balancer} and one call of
 * {@link #plus}.
 */
public final class Policies {

    /** What kube-proxy does: uniform random (kube-semantics 8.1). */
    public static final String DEFAULT = "random";

    private final Map<String, Function<List<Backend>, Balancer>> makers;

    private Policies(Map<String, Function<List<Backend>, Balancer>> makers) {
        this.makers = makers;
    }

    /** Those that podlb ships; every draw comes from {@code random}. */
    public static Policies standard(RandomSource random) {
        Map<String, Function<List<Backend>, Balancer>> makers = new TreeMap<>();
        makers.put("random", candidates -> new UniformRandom(candidates, random));
        return new Policies(makers);
    }

    /** These and one more, or another one of that name. */
    public Policies plus(String name, Function<List<Backend>, Balancer> maker) {
        Map<String, Function<List<Backend>, Balancer>> more = new TreeMap<>(makers);
        more.put(name, maker);
        return new Policies(more);
    }

    public SortedSet<String> names() {
        return new TreeSet<>(makers.keySet());
    }

    /**
     * A new balancer of that policy.
     *
     * @throws IllegalArgumentException if there is no policy of that name
     */
    Balancer create(String name, List<Backend> candidates) {
        Function<List<Backend>, Balancer> maker = makers.get(name);
        if (maker == null) {
            throw new IllegalArgumentException("policy: " + name + " (expected: one of " + names() + ")");
        }
        return maker.apply(candidates);
    }
}
