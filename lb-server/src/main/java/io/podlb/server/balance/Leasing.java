package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import org.jspecify.annotations.Nullable;

/**
 * The pick together with its lease, under a limit of connections per backend. Whatever the policy, one that has as many
 * as it may is passed over as if this connection had tried it. May be used by any thread.
 */
public final class Leasing {

    private Leasing() {}

    /**
     * Picks a backend and takes a lease of it.
     *
     * <p>Without a limit that is all. With one, the policy is asked as it is first, since most of the time most backends
     * have room. Only if its choice has none, all that are full are passed over and it is asked again. What it sees does
     * not change while it picks; a backend that another event loop filled meanwhile is found by its lease, and passed
     * over as well.
     *
     * @param most connections of one backend at a time; 0: as many as come
     * @return null if none is left; {@link PickContext#metFull} says whether any was full
     */
    public static @Nullable Pick take(Balancer balancer, PickContext context, int most) {
        context.passOverNone();
        Pick pick = balancer.pick(context);
        if (pick == null) {
            return null;
        }
        if (most == 0) {
            pick.backend().lease();
            return pick;
        }
        return pick.backend().tryLease(most) ? pick : takeOther(balancer, context, most, pick.backend());
    }

    private static @Nullable Pick takeOther(Balancer balancer, PickContext context, int most, Backend full) {
        context.passOver(full);
        for (Backend candidate : balancer.candidates()) {
            if (candidate.active() >= most) {
                context.passOver(candidate);
            }
        }
        while (true) {
            Pick pick = balancer.pick(context);
            if (pick == null || pick.backend().tryLease(most)) {
                return pick;
            }
            if (!context.passOver(pick.backend())) {
                return null; // a policy that does not heed its contract
            }
        }
    }
}
