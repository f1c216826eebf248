package io.podlb.control.translate;

import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint of a service port as this node sees it.
 *
 * @param address where it listens
 * @param pod name of its Pod; null where the slice does not say
 * @param node name of its node; null where the slice does not say
 * @param zone its zone; null where the slice does not say
 * @param weight 1 where nothing else is said
 * @param local whether it is on this node (kube-semantics 3.7)
 * @param unusable why no new connection of the cluster set can get it, as a clause for people; null if it can
 */
public record EndpointPlan(
        SocketAddressSpec address,
        @Nullable String pod,
        @Nullable String node,
        @Nullable String zone,
        int weight,
        boolean ready,
        boolean serving,
        boolean terminating,
        boolean local,
        @Nullable String unusable) {}
