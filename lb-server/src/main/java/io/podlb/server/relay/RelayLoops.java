package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.time.Duration;
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
            EventLoop loop = (EventLoop) executor;
            loops.add(new RelayLoop(
                    loop,
                    loops.size(),
                    transport.socketsOf(loop),
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

    /**
     * Brings the connections of a backend that is picked no more to their ends.
     *
     * @param random spreads them over the time
     * @return completes when none is left, with how they ended
     */
    public CompletionStage<DrainCounts> drain(Backend backend, Duration within, RandomSource random) {
        Drain drain = new Drain(backend, within.toNanos(), random);
        return OnEachLoop.gather(loops, RelayLoop::eventLoop, loop -> loop.drain(drain))
                .thenCompose(begun -> {
                    drain.begun();
                    return drain.done();
                });
    }

    /** Asks so many connections of a backend to end that have been quiet for some seconds, if there are. */
    public void finish(Backend backend, int count) {
        AtomicInteger tickets = new AtomicInteger(count);
        CompletionStage<List<Boolean>> unused =
                OnEachLoop.gather(loops, RelayLoop::eventLoop, loop -> loop.finish(backend, tickets));
    }

    /** Resets every open connection; completes with how many there were. */
    public CompletionStage<Integer> cutAll() {
        return OnEachLoop.gather(loops, RelayLoop::eventLoop, RelayLoop::cutAll)
                .thenApply(counts -> counts.stream().mapToInt(Integer::intValue).sum());
    }
}
