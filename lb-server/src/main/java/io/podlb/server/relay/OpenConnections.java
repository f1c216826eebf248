package io.podlb.server.relay;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Counts the client connections of the process against their limit. May be used by any thread. */
public final class OpenConnections {

    private final int limit;
    private final AtomicInteger open = new AtomicInteger();
    private volatile @Nullable CompletableFuture<Void> whenEmpty; // written once, by drain

    public OpenConnections(int limit) {
        this.limit = limit;
    }

    public int limit() {
        return limit;
    }

    public int open() {
        return open.get();
    }

    /** Counts one more, even beyond the limit. Each call is followed by one {@link #release}. */
    void add() {
        open.incrementAndGet();
    }

    boolean beyondLimit() {
        return open.get() > limit;
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
