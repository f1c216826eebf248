package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.relay.FlowTable.Standing;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.UdpSocket;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The datagrams of one client with one backend, from the first one to its one {@link FlowEnd}.
 *
 * <p>"Port unreachable" from the backend is a failed attempt: the flow moves to another backend, with the last datagram
 * if the failed one had not answered, and ends when none is left. Datagrams are copied when they are received, so that
 * one that waits holds its own size and not a receive buffer.
 *
 * <p>Thread rule: the event loop of its front.
 */
final class UdpFlow extends TimerWheel.Timer {

    /** How long a stale flow still passes on answers that were under way. */
    private static final long LAST_ANSWERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final Logger logger = LoggerFactory.getLogger(UdpFlow.class);

    private final UdpFront front;
    private final UdpLoop loop;
    private final SocketAddressSpec client;
    private final InetSocketAddress clientAddress;
    private final EndpointSet set;
    private final PickContext context;
    private Standing standing = Standing.NEW;
    private @Nullable Upstream upstream; // the socket to the backend in use; its lease is ours
    private @Nullable ByteBuf held; // the last datagram, until the backend in use has answered
    private long lastNanos; // by the wheel's coarse clock
    private int attempts;
    private boolean flushing;
    private boolean stale;
    private boolean ended;

    UdpFlow(UdpFront front, SocketAddressSpec client, EndpointSet set) {
        this.front = front;
        this.loop = front.loop();
        this.client = client;
        this.clientAddress = client.toSocketAddress();
        this.set = set;
        this.context = new PickContext(client.address());
    }

    SocketAddressSpec client() {
        return client;
    }

    void begin(ByteBuf content) {
        lastNanos = loop.wheel().coarseNanos();
        loop.wheel().schedule(this, idleNanos());
        hold(content.alloc().directBuffer(content.readableBytes()).writeBytes(content));
        tryNext(FlowEnd.NO_BACKEND);
    }

    /** A datagram of the client; it stays the caller's. */
    void received(ByteBuf content) {
        used(standing == Standing.ANSWERED ? Standing.ASSURED : standing);
        Upstream now = upstream;
        if (now == null || !now.isConnected()) {
            front.drop(DatagramDrop.NO_BACKEND);
            return;
        }
        ByteBuf copy = content.alloc().directBuffer(content.readableBytes()).writeBytes(content);
        if (!now.hasAnswered()) {
            hold(copy.retainedDuplicate());
        }
        send(now, copy);
    }

    private void send(Upstream to, ByteBuf content) {
        UdpSocket socket = to.socket();
        if (!socket.isWritable()) {
            content.release();
            front.drop(DatagramDrop.SEND_BUFFER_FULL);
            return;
        }
        int bytes = content.readableBytes();
        front.metrics().toBackend(bytes);
        to.backend().metrics().toBackend(bytes);
        socket.write(content, null).addListener(to);
        if (!flushing) {
            flushing = true;
            loop.flushLater(this);
        }
    }

    void flush() {
        flushing = false;
        Upstream now = upstream;
        if (now != null) {
            now.socket().channel().flush();
        }
        if (loop.table().holdsTooMuch()) {
            releaseHeld();
        }
    }

    /** A datagram of the backend, released by this. */
    void answered(Upstream from, ByteBuf content) {
        if (from != upstream) {
            content.release();
            return;
        }
        used(standing == Standing.NEW ? Standing.ANSWERED : standing);
        releaseHeld();
        int bytes = content.readableBytes();
        ByteBuf copy = content.alloc().directBuffer(bytes).writeBytes(content);
        content.release();
        if (front.reply(clientAddress, copy)) {
            from.backend().metrics().toClient(bytes);
        }
    }

    void answersReceived() {
        front.flushReplies();
    }

    private void used(Standing now) {
        long nanos = loop.wheel().coarseNanos();
        if (nanos != lastNanos || now != standing) {
            lastNanos = nanos;
            loop.table().moveToEnd(this, standing, now);
            standing = now;
        }
    }

    /**
     * Picks another backend and connects to it.
     *
     * @param otherwise how the flow ends if no other one is left
     */
    private void tryNext(FlowEnd otherwise) {
        if (ended || upstream != null) {
            return;
        }
        Balancer balancer = front.route().pool().balancer(set); // anew: a flow may be older than its backends
        Pick pick;
        try {
            pick = balancer.pick(context);
        } catch (RuntimeException e) {
            logger.error("{} flow of {} failed inside podlb", front.route().port(), client, e);
            end(FlowEnd.INTERNAL_ERROR);
            return;
        }
        if (pick == null) {
            end(otherwise);
            return;
        }
        open(pick.backend(), balancer);
    }

    private void open(Backend backend, Balancer balancer) {
        backend.lease();
        metrics().picked();
        backend.metrics().picked();
        metrics().attempted(attempts++ == 0);
        UdpSocket socket;
        try {
            socket = loop.transport().newDatagramSocket();
        } catch (ChannelException e) {
            backend.release();
            end(FlowEnd.LOCAL_RESOURCES); // out of descriptors
            return;
        }
        Upstream next = new Upstream(this, socket, backend, balancer);
        upstream = next;
        if (loop.leadsBack(backend.address())) {
            unreachable(next);
        } else {
            next.connect(loop.eventLoop());
        }
    }

    /** The socket to the backend is ready: sends what came before it was. */
    void connected(Upstream now) {
        if (now != upstream) {
            return;
        }
        now.balancer().connected(context, now.backend());
        ByteBuf first = held;
        if (first != null) {
            send(now, first.retainedDuplicate());
            now.socket().channel().flush();
        }
    }

    /** The socket to the backend could not be made ready. */
    void notConnected(Upstream now, Throwable cause) {
        if (now != upstream) {
            return;
        }
        if (LocalFailure.isOne(cause)) {
            end(FlowEnd.LOCAL_RESOURCES); // not the backend's fault
        } else {
            unreachable(now);
        }
    }

    /** A datagram to the backend was taken by the kernel, or not. */
    void written(Upstream to, ChannelFuture done) {
        Throwable cause = done.cause();
        if (cause == null || to != upstream) {
            return;
        }
        front.drop(DatagramDrop.SEND_FAILED);
        if (Upstream.isUnreachable(cause)) {
            // In a task of its own: this may be called in the midst of a send.
            loop.eventLoop().execute(() -> unreachable(to));
        }
    }

    /** Nobody is there: the backend's machine says so, or no socket could be connected to it. */
    void unreachable(Upstream now) {
        if (now != upstream) {
            return;
        }
        if (stale) {
            end(FlowEnd.STALE);
            return;
        }
        now.backend().metrics().connectFailed();
        context.exclude(now.backend());
        now.balancer().failed(context, now.backend());
        leave(now);
        // In a task of its own, so that many failures in a row do not nest.
        loop.eventLoop().execute(() -> {
            tryNext(FlowEnd.CONNECT_FAILED);
            loop.flush();
        });
    }

    private void leave(Upstream now) {
        upstream = null;
        now.close();
        now.backend().release();
    }

    private void hold(ByteBuf content) {
        releaseHeld();
        held = content;
        loop.table().held(content.readableBytes());
    }

    private void releaseHeld() {
        ByteBuf now = held;
        if (now != null) {
            held = null;
            loop.table().held(-now.readableBytes());
            now.release();
        }
    }

    /** Whether its backend is one of these; a flow that is between two backends picks from the newest ones anyway. */
    boolean isWith(Set<SocketAddressSpec> serving) {
        Upstream now = upstream;
        return now == null || serving.contains(now.backend().address());
    }

    private long idleNanos() {
        Long own = front.route().flowIdleNanos();
        return own == null ? loop.idleNanos() : own;
    }

    /** The backend serves no longer and gets nothing more; what it has answered already still arrives. */
    void endSoon() {
        stale = true;
        releaseHeld();
        loop.wheel().schedule(this, LAST_ANSWERS_NANOS);
    }

    @Override
    void expired() {
        if (stale) {
            end(FlowEnd.STALE);
            return;
        }
        long left = idleNanos() - (loop.wheel().coarseNanos() - lastNanos);
        if (left > 0) {
            loop.wheel().schedule(this, left);
        } else {
            end(FlowEnd.IDLE_TIMEOUT);
        }
    }

    /** Ends the flow, once; later calls do nothing. */
    void end(FlowEnd reason) {
        if (ended) {
            return;
        }
        ended = true;
        loop.wheel().cancel(this);
        loop.table().remove(this, standing);
        front.forget(client, this);
        releaseHeld();
        Upstream now = upstream;
        if (now != null) {
            leave(now);
        }
        front.metrics().ended(reason);
        logger.debug("{} flow of {} ended: {}", front.route().port(), client, reason.label());
    }

    private ServicePortMetrics metrics() {
        return front.route().metrics();
    }
}
