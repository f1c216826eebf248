/**
 * What load balancers and the kubelet are told: whether this node has endpoints of a Service (kube-semantics 11a) and
 * whether this proxy keeps up with the cluster (11b).
 *
 * <p>{@link io.podlb.control.health.NodeHealth} is the way in and owns the rest. Everything answers on an event loop of
 * its own, away from the data plane.
 *
 * <p>May use {@code translate}, {@code cluster} and the vocabulary of the data plane.
 */
@NullMarked
package io.podlb.control.health;

import org.jspecify.annotations.NullMarked;
