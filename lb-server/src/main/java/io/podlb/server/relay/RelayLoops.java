package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** The event loops and the connections on each of them. May be used by any thread. */
public final class RelayLoops {

    private final List<RelayLoop> loops = new ArrayList<>();
    private volatile Predicate<SocketAddressSpec> ownAddresses =
            address -> false; // set once, before the first connection
    private final AtomicInteger next = new AtomicInteger();

    public RelayLoops(EventLoopGroup group, Transport transport, RelaySettings settings, OpenConnections connections) {
        for (EventExecutor executor : group) {
            loops.add(new RelayLoop(
                    (EventLoop) executor,
                    loops.size(),
                    transport,
                    settings,
                    connections,
                    address -> ownAddresses.test(address)));
        }
    }

    /**
     * Says which addresses lead back to this process; they are never dialled. None by default.
     *
     * @param test may be called by any event loop
     */
    public void neverDial(Predicate<SocketAddressSpec> test) {
        ownAddresses = test;
    }

    /** The loop for the next connection: in turn. */
    public RelayLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** All open connections and the latest ended ones. */
    public CompletionStage<List<ConnectionView>> snapshot() {
        return OnEachLoop.gather(loops, RelayLoop::eventLoop, RelayLoop::snapshot)
                .thenApply(parts -> {
                    List<ConnectionView> all = new ArrayList<>();
                    parts.forEach(all::addAll);
                    return all;
                });
    }

    /** Resets every open connection; completes with how many there were. */
    public CompletionStage<Integer> cutAll() {
        return OnEachLoop.gather(loops, RelayLoop::eventLoop, RelayLoop::cutAll)
                .thenApply(counts -> counts.stream().mapToInt(Integer::intValue).sum());
    }
}
