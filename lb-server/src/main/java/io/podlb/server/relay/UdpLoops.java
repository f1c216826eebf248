package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/** The event loops with the UDP flows on each of them. May be used by any thread. */
public final class UdpLoops {

    private final List<UdpLoop> loops = new ArrayList<>();
    private volatile Predicate<SocketAddressSpec> ownAddresses = address -> false; // set once, before the first flow
    private final AtomicInteger next = new AtomicInteger();

    /**
     * @param transport one for datagrams; see {@link Transport#forDatagrams}
     * @param random for what nobody may foresee
     */
    public UdpLoops(EventLoopGroup group, Transport transport, UdpSettings settings, SecureRandom random) {
        List<EventLoop> eventLoops = new ArrayList<>();
        for (EventExecutor executor : group) {
            eventLoops.add((EventLoop) executor);
        }
        IntSupplier share = () -> Math.max(1, settings.maxFlows().getAsInt() / eventLoops.size());
        FullTableLog log = new FullTableLog(settings.maxFlows());
        for (EventLoop eventLoop : eventLoops) {
            loops.add(new UdpLoop(
                    eventLoop,
                    loops.size(),
                    transport,
                    settings,
                    new FlowTable<>(share, log),
                    address -> ownAddresses.test(address),
                    new SecretBits(random)));
        }
    }

    /**
     * Says which addresses lead back to this process; nothing is ever sent there. None by default.
     *
     * @param test may be called by any event loop
     */
    public void neverSend(Predicate<SocketAddressSpec> test) {
        ownAddresses = test;
    }

    /** The loop for the next front end: in turn. */
    public UdpLoop next() {
        return loops.get(Math.floorMod(next.getAndIncrement(), loops.size()));
    }

    /** All open flows and the latest ended ones, in no particular order. */
    public CompletionStage<List<FlowView>> snapshot() {
        return OnEachLoop.gather(loops, UdpLoop::eventLoop, UdpLoop::snapshot).thenApply(parts -> {
            List<FlowView> all = new ArrayList<>();
            parts.forEach(all::addAll);
            return all;
        });
    }
}
