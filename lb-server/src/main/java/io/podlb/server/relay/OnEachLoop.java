package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Asks what is confined to event loops. May be used by any thread. */
final class OnEachLoop {

    private OnEachLoop() {}

    /** Runs the task on the event loop of each and gathers the answers, in the order of the list. */
    static <L, T> CompletionStage<List<T>> gather(
            List<L> loops, Function<L, EventLoop> eventLoop, Function<L, T> task) {
        List<CompletableFuture<T>> parts = new ArrayList<>();
        for (L loop : loops) {
            parts.add(CompletableFuture.supplyAsync(() -> task.apply(loop), eventLoop.apply(loop)));
        }
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> {
                    List<T> answers = new ArrayList<>();
                    parts.forEach(part -> answers.add(part.join()));
                    return answers;
                });
    }
}
