package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * One event loop with the UDP flows confined to it.
 *
 * <p>Thread rule: everything but {@link #eventLoop} and {@link #transport} is for that event loop alone.
 */
public final class UdpLoop {

    private final EventLoop eventLoop;
    private final Transport transport;
    private final long idleNanos;
    private final FlowTable table;
    private final Predicate<SocketAddressSpec> ownAddresses;
    private final TimerWheel wheel;
    private final List<UdpFlow> unflushed = new ArrayList<>();

    UdpLoop(
            EventLoop eventLoop,
            Transport transport,
            long idleNanos,
            FlowTable table,
            Predicate<SocketAddressSpec> ownAddresses) {
        this.eventLoop = eventLoop;
        this.transport = transport;
        this.idleNanos = idleNanos;
        this.table = table;
        this.ownAddresses = ownAddresses;
        this.wheel = new TimerWheel(eventLoop);
    }

    public EventLoop eventLoop() {
        return eventLoop;
    }

    public Transport transport() {
        return transport;
    }

    long idleNanos() {
        return idleNanos;
    }

    FlowTable table() {
        return table;
    }

    TimerWheel wheel() {
        return wheel;
    }

    long nanoTime() {
        return eventLoop.ticker().nanoTime();
    }

    /** Whether a datagram to this address would come back to this process. */
    boolean leadsBack(SocketAddressSpec address) {
        return ownAddresses.test(address);
    }

    /** The flow has written to its backend; the system is told once for all that was received together. */
    void flushLater(UdpFlow flow) {
        unflushed.add(flow);
    }

    /** Passes on what was written. */
    void flush() {
        for (int i = 0; i < unflushed.size(); i++) { // a flush that fails may lead to another write
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }
}
