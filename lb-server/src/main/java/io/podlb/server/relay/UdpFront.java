package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.podlb.server.metrics.FlowMetrics;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.UdpSocket;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One local address and port where datagrams of a front end arrive, with the flows of its clients. A flow is a client
 * address and port; it has a socket to its backend on the same event loop, so no datagram changes threads.
 *
 * <p>It outlives its socket. While no endpoint is offered the socket is closed and clients get "port unreachable"; the
 * flows are left alone meanwhile (kube-semantics 9.5), replies of their backends are dropped, and those whose backend is
 * back when the socket opens again go on as before.
 *
 * <p>Thread rule: the event loop of {@link #loop}, but for {@link #loop} and {@link #route}.
 */
public final class UdpFront {

    private final UdpLoop loop;
    private final Route route;
    private final FlowMetrics metrics;
    private final Map<SocketAddressSpec, UdpFlow> flows = new HashMap<>();
    private final ChannelFutureListener replied = this::replied;
    private @Nullable UdpSocket socket; // null while closed

    public UdpFront(UdpLoop loop, Route route) {
        this.loop = loop;
        this.route = route;
        this.metrics = route.metrics().flows();
    }

    public UdpLoop loop() {
        return loop;
    }

    public Route route() {
        return route;
    }

    FlowMetrics metrics() {
        return metrics;
    }

    /** Answers through this socket from now on. */
    public void opened(UdpSocket next) {
        socket = next;
    }

    /** This socket can no longer be used. */
    public void closed(UdpSocket last) {
        if (socket == last) {
            socket = null;
        }
    }

    /**
     * Passes a datagram to the flow of its client.
     *
     * @param content stays the caller's
     * @return false if the client has no flow
     */
    public boolean relay(SocketAddressSpec client, ByteBuf content) {
        UdpFlow flow = flows.get(client);
        if (flow == null) {
            return false;
        }
        flow.received(content);
        return true;
    }

    /**
     * Begins a flow with its first datagram.
     *
     * @param content stays the caller's
     */
    public void begin(SocketAddressSpec client, EndpointSet set, ByteBuf content) {
        UdpFlow flow = new UdpFlow(this, client, set);
        loop.table().add(flow, loop.nanoTime());
        flows.put(client, flow);
        metrics.began();
        flow.begin(content);
    }

    /** Counts a datagram that is not passed on. */
    public void drop(DatagramDrop reason) {
        metrics.dropped(reason);
    }

    /** Passes on all that was received together. */
    public void flush() {
        loop.flush();
    }

    /**
     * Sends to a client from the address that it called.
     *
     * @param content released by this
     * @return false if it was dropped
     */
    boolean reply(InetSocketAddress client, ByteBuf content) {
        UdpSocket now = socket;
        if (now == null || !now.isWritable()) {
            content.release();
            drop(now == null ? DatagramDrop.FRONTEND_CLOSED : DatagramDrop.SEND_BUFFER_FULL);
            return false;
        }
        int bytes = content.readableBytes();
        now.write(content, client).addListener(replied);
        metrics.toClient(bytes);
        return true;
    }

    private void replied(ChannelFuture written) {
        if (!written.isSuccess()) {
            drop(DatagramDrop.SEND_FAILED);
        }
    }

    void flushReplies() {
        UdpSocket now = socket;
        if (now != null) {
            now.channel().flush();
        }
    }

    void forget(SocketAddressSpec client, UdpFlow flow) {
        flows.remove(client, flow);
    }

    /** Ends the flows whose backend is not among these; does nothing if there are none (kube-semantics 9.3, 9.5). */
    public void endStale(Set<SocketAddressSpec> serving) {
        if (serving.isEmpty()) {
            return;
        }
        for (UdpFlow flow : List.copyOf(flows.values())) {
            if (!flow.isWith(serving)) {
                flows.remove(flow.client()); // the next datagram begins another one
                flow.endSoon();
            }
        }
    }

    /** Ends all flows: the address is given up. */
    public void retire() {
        List.copyOf(flows.values()).forEach(flow -> flow.end(FlowEnd.FRONTEND_CLOSED));
    }
}
