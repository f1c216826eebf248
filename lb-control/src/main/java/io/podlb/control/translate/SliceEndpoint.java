package io.podlb.control.translate;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a slice, all defaults applied.
 *
 * @param forZones zones that its hints name; empty: no hint (kube-semantics 3.13)
 * @param forNodes nodes that its hints name; empty: no hint
 */
record SliceEndpoint(
        InetAddress address,
        @Nullable String pod,
        @Nullable String node,
        @Nullable String zone,
        int weight,
        boolean ready,
        boolean serving,
        boolean terminating,
        boolean local,
        SortedSet<String> forZones,
        SortedSet<String> forNodes) {

    /**
     * The better of two that claim one address comes first. Kubernetes says that one which is not terminating wins and
     * leaves the rest open (kube-semantics 3.9); here the rest is total, so that the order of slices never matters.
     */
    private static final Comparator<SliceEndpoint> PREFERENCE = Comparator.comparing(SliceEndpoint::terminating)
            .thenComparing(SliceEndpoint::ready, Comparator.reverseOrder())
            .thenComparing(SliceEndpoint::serving, Comparator.reverseOrder())
            .thenComparing(SliceEndpoint::local, Comparator.reverseOrder())
            .thenComparing(SliceEndpoint::pod, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(SliceEndpoint::node, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(SliceEndpoint::zone, Comparator.nullsLast(Comparator.naturalOrder()))
            .thenComparing(SliceEndpoint::weight)
            .thenComparing(endpoint -> endpoint.forZones().toString())
            .thenComparing(endpoint -> endpoint.forNodes().toString());

    static SliceEndpoint better(SliceEndpoint one, SliceEndpoint other) {
        return PREFERENCE.compare(one, other) <= 0 ? one : other;
    }

    /** The same, but neither ready nor serving. */
    SliceEndpoint failing() {
        return new SliceEndpoint(
                address, pod, node, zone, weight, false, false, terminating, local, forZones, forNodes);
    }

    /** Whether it may be used when no ready endpoint exists (kube-semantics 4.2). */
    boolean servingWhileTerminating() {
        return serving && terminating;
    }
}
