package io.podlb.server.relay;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Counts the client connections of the process against their limit. May be used by any thread. */
public final class OpenConnections {

    private final IntSupplier limit;
    private final AtomicInteger open = new AtomicInteger();
    private volatile @Nullable CompletableFuture<Void> whenEmpty; // written once, by drain

    /**
     * With none open.
     *
     * @param limit asked for every connection; those that are open live on when it falls
     */
    public OpenConnections(IntSupplier limit) {
        this.limit = limit;
    }

    public int open() {
        return open.get();
    }

    /** Counts one more, even beyond the limit. Each call is followed by one {@link #release}. */
    void add() {
        open.incrementAndGet();
    }

    boolean beyondLimit() {
        return open.get() > limit.getAsInt();
    }

    void release() {
        if (open.decrementAndGet() == 0) {
            completeIfEmpty();
        }
    }

    /** Completes when none is open. Call it once nothing is accepted any more. */
    public CompletionStage<Void> whenEmpty() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        whenEmpty = future;
        completeIfEmpty();
        return future;
    }

    private void completeIfEmpty() {
        CompletableFuture<Void> future = whenEmpty;
        if (future != null && open.get() == 0) {
            future.complete(null);
        }
    }
}
