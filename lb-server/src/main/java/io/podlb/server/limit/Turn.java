package io.podlb.server.limit;

import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection that waits, from the moment it joins the line until it has heard what came of it or waits no more.
 *
 * <p>Thread rule: everything that changes is guarded by the line.
 */
final class Turn {

    private final WaitingLine line;
    private final Entry entry;
    private final EndpointSet set;
    private final PickContext context;
    private final Executor loop;
    private final Consumer<@Nullable Pick> served;
    private @Nullable Pick granted;
    private boolean over;

    /**
     * @param loop where the connection is at home
     * @param served told there what it was given; null: nothing more is to be had by waiting
     */
    Turn(
            WaitingLine line,
            Entry entry,
            EndpointSet set,
            PickContext context,
            Executor loop,
            Consumer<@Nullable Pick> served) {
        this.line = line;
        this.entry = entry;
        this.set = set;
        this.context = context;
        this.loop = loop;
        this.served = served;
    }

    EndpointSet set() {
        return set;
    }

    /** Whether it has a place of the service port already, since it has tried a backend. */
    boolean hasPlace() {
        return entry.hasPlace();
    }

    /** What was in the way when it looked last. */
    @Nullable
    EndReason limit() {
        return entry.limit();
    }

    /** Whether it would take any backend of its set. */
    boolean takesAny() {
        return context.tries() == 0;
    }

    /**
     * Takes what is free, on whatever thread freed it.
     *
     * @return whether it waits no more: it was given something, or there is nothing to wait for
     */
    boolean take() {
        try {
            granted = entry.attempt(set, context);
            return granted != null || entry.limit() == null;
        } catch (RuntimeException broken) {
            return true; // the policy; the last look, where the connection is at home, throws again and tells
        }
    }

    /** Lets the connection know. Its loop is gone only when all connections are. */
    void tell() {
        loop.execute(this::hear);
    }

    private void hear() {
        Pick pick;
        synchronized (line) {
            if (over) {
                return; // its time was over, or it ended, before it heard
            }
            over = true;
            pick = granted;
        }
        served.accept(pick);
    }

    /** It waits no more. Returns what it was given and has not heard of. */
    @Nullable
    Pick stop() {
        synchronized (line) {
            if (over) {
                return null;
            }
            over = true;
            line.remove(this);
            return granted;
        }
    }
}
