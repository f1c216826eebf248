package io.podlb.control.translate;

import org.jspecify.annotations.Nullable;

/**
 * What the translation needs to know of the node that it is for.
 *
 * @param name its name, as endpoints say it
 * @param zone label {@code topology.kubernetes.io/zone} of its Node object; null without one (kube-semantics 4.9)
 */
public record NodeFacts(String name, @Nullable String zone) {}
