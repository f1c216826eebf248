package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A policy over a frozen list of candidates.
 *
 * <p>Thread rule: {@link #pick} is called by many event loops at once. It must not block, lock, log or throw, and reads
 * only the frozen list, its own small atomics and {@link Backend#active()}. {@link #with} is called on the control
 * thread alone. Backends are never made or retired by a balancer; the caller takes the lease on what was picked.
 */
public interface Balancer {

    /** Chooses a candidate that this connection has not tried yet; null if none is left. */
    @Nullable
    Pick pick(PickContext context);

    /**
     * The same policy over another list. Whatever makes the policy what it is over time (cursor, memory of clients) goes
     * along, so that an update never restarts it.
     */
    Balancer with(List<Backend> candidates);

    /** Told after the picked backend accepted the connection. Event loop; the rule of {@link #pick} applies. */
    default void connected(PickContext context, Backend backend) {}

    /** Told after the picked backend could not be reached. Event loop; the rule of {@link #pick} applies. */
    default void failed(PickContext context, Backend backend) {}

    /** The frozen list, in the order given. */
    List<Backend> candidates();
}
