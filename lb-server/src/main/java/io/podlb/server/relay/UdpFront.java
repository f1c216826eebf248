package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.podlb.server.metrics.FlowMetrics;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.UdpSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One local address and port where datagrams of a front end arrive, with the flows of its clients: one for each client
 * address and port, or one for each request where the Service says so ({@link io.podlb.server.service.FlowMode}). The
 * sockets to the backends are on the same event loop, so no datagram changes threads.
 *
 * <p>It outlives its socket. While no endpoint is offered the socket is closed and clients get "port unreachable"; the
 * flows are left alone meanwhile (kube-semantics 9.5), replies of their backends are dropped, and those whose backend is
 * back when the socket opens again go on as before. To let old flows go on meanwhile and yet tell new clients, each flow
 * would need a second socket, bound to the same port and connected to its client; for that, the port would have to be
 * open for sharing, and a second podlb could take it unnoticed.
 *
 * <p>Thread rule: the event loop of {@link #loop}, but for {@link #loop} and {@link #route}.
 */
public final class UdpFront {

    private final UdpLoop loop;
    private final Route route;
    private final FlowMetrics metrics;
    private final Map<SocketAddressSpec, ClientFlow> clients = new HashMap<>();
    private final Set<UdpFlow> flows =
            new HashSet<>(); // all of them, also those that no client's datagram reaches any more
    private final ChannelFutureListener replied = this::replied;
    private @Nullable UdpSocket socket; // null while closed
    private @Nullable CompletableFuture<Void> drained; // once it takes no more clients

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
     * @return false if it belongs to none
     */
    public boolean relay(SocketAddressSpec client, ByteBuf content) {
        ClientFlow flow = clients.get(client);
        if (flow == null || isRequest(content)) {
            return false;
        }
        flow.received(content);
        return true;
    }

    private boolean isRequest(ByteBuf content) {
        return route.flowMode() == FlowMode.PER_DATAGRAM && DnsMessage.isRequest(content);
    }

    /**
     * Begins a flow with its first datagram.
     *
     * @param content stays the caller's
     */
    public void begin(SocketAddressSpec client, EndpointSet set, ByteBuf content) {
        if (drained != null) {
            drop(DatagramDrop.DRAINING);
        } else if (isRequest(content)) {
            Exchange exchange = new Exchange(this, client, set, content);
            add(exchange);
            exchange.begin(content);
        } else {
            ClientFlow flow = new ClientFlow(this, client, set);
            add(flow);
            clients.put(client, flow);
            flow.begin(content);
        }
    }

    private void add(UdpFlow flow) {
        loop.table().add(flow, loop.nanoTime());
        flows.add(flow);
        metrics.began();
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
     * Sends to a client from the address that it called, with the next flush.
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
        loop.flushLater(now);
        metrics.toClient(bytes);
        return true;
    }

    private void replied(ChannelFuture written) {
        if (!written.isSuccess()) {
            drop(DatagramDrop.SEND_FAILED);
        }
    }

    /** A flow has ended, which leaves this record. */
    void ended(UdpFlow flow, FlowEnd reason, FlowView last) {
        flows.remove(flow);
        if (flow instanceof ClientFlow) {
            clients.remove(flow.client(), flow);
        }
        metrics.ended(reason);
        loop.ended(last); // before anybody may go on because it was the last one
        completeIfDrained();
    }

    /**
     * Ends the flows of clients whose backend is not among these; does nothing if there are none (kube-semantics 9.3,
     * 9.5).
     */
    public void endStale(Set<SocketAddressSpec> serving) {
        if (serving.isEmpty()) {
            return;
        }
        for (ClientFlow flow : List.copyOf(clients.values())) {
            if (!flow.isWith(serving)) {
                clients.remove(flow.client()); // the next datagram begins another one
                flow.endSoon();
            }
        }
    }

    /**
     * Takes no more clients; flows go on.
     *
     * @return completes when the last flow has ended; {@link #retire} sees to that
     */
    public CompletableFuture<Void> drain() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        drained = future;
        completeIfDrained();
        return future;
    }

    private void completeIfDrained() {
        CompletableFuture<Void> future = drained;
        if (future != null && flows.isEmpty()) {
            future.complete(null);
        }
    }

    /** Ends all flows: the address is given up. */
    public void retire() {
        new ArrayList<>(flows).forEach(flow -> flow.end(FlowEnd.FRONTEND_CLOSED));
    }
}
