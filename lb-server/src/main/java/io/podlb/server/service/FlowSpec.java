package io.podlb.server.service;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is special about a service port of UDP.
 *
 * @param idleTimeout a flow without a datagram either way for this long ends; null: the default of the data plane
 * @param alsoServing endpoints that serve, beside the usable ones: terminating, or left out by policy or topology. New
 *     flows never get them, flows that have them keep them (kube-semantics 9.4)
 * @param mode which datagrams stay together
 */
public record FlowSpec(@Nullable Duration idleTimeout, Set<SocketAddressSpec> alsoServing, FlowMode mode) {

    /** The default idle timeout, and no endpoints beside the usable ones. */
    public static final FlowSpec NONE = new FlowSpec(null, Set.of());

    /** One whose flows are per client. */
    public FlowSpec(@Nullable Duration idleTimeout, Set<SocketAddressSpec> alsoServing) {
        this(idleTimeout, alsoServing, FlowMode.PER_CLIENT);
    }

    public FlowSpec {
        alsoServing = Set.copyOf(alsoServing);
        if (idleTimeout != null && (idleTimeout.isNegative() || idleTimeout.isZero())) {
            throw new IllegalArgumentException("idleTimeout: " + idleTimeout + " (expected: positive)");
        }
    }
}
