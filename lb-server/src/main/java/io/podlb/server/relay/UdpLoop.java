package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import io.podlb.server.transport.UdpSocket;
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
    private final FlowTable<UdpFlow> table;
    private final Predicate<SocketAddressSpec> ownAddresses;
    private final TimerWheel wheel;
    private final SharedUpstreams shared;
    private final List<UdpSocket> unflushed = new ArrayList<>();
    private final Ended<FlowView> ended;
    private long nextId;

    UdpLoop(
            EventLoop eventLoop,
            int index,
            Transport transport,
            UdpSettings settings,
            FlowTable<UdpFlow> table,
            Predicate<SocketAddressSpec> ownAddresses,
            SecretBits secrets) {
        this.eventLoop = eventLoop;
        this.transport = transport;
        this.idleNanos = settings.idleNanos();
        this.ended = new Ended<>(settings.observer()::ended);
        this.table = table;
        this.ownAddresses = ownAddresses;
        this.wheel = new TimerWheel(eventLoop);
        this.shared = new SharedUpstreams(this, secrets);
        this.nextId = (long) index << 48 | 1L << 47; // never one of a connection
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

    FlowTable<UdpFlow> table() {
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

    SharedUpstreams shared() {
        return shared;
    }

    /** An id for a flow that begins. */
    long nextId() {
        return nextId++;
    }

    /** Something was written to the socket; the system is told once for all that was received together. */
    void flushLater(UdpSocket socket) {
        if (socket.list()) {
            unflushed.add(socket);
        }
    }

    /** Passes on what was written. */
    void flush() {
        for (int i = 0; i < unflushed.size(); i++) { // a flush that fails may lead to another write
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    /** A flow has ended. */
    void ended(FlowView last) {
        ended.add(last);
    }

    List<FlowView> snapshot() {
        List<FlowView> views = new ArrayList<>(ended.latest());
        table.all().forEach(flow -> views.add(flow.view(null)));
        return views;
    }
}
