/**
 * Choosing a backend.
 *
 * <p>Reading order: {@link io.podlb.server.balance.Balancer} (the seam), {@code WeightedRandom} (the shortest policy),
 * {@link io.podlb.server.balance.Policies} (the names), {@link io.podlb.server.balance.BackendPool} (publication),
 * {@code Sticky} (affinity, a balancer that wraps another), {@code Ejector} and {@code Trials} (backends that cannot be
 * reached), {@code SlowStarts} and {@code Rebalancing} (what changes with time).
 *
 * <p>May use {@code backend}, {@code metrics} and {@code service}. Balancers are built on the control thread and picked
 * from on every event loop at once.
 */
@NullMarked
package io.podlb.server.balance;

import org.jspecify.annotations.NullMarked;
