package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams of one client with one backend at a time, from the first one to the one {@link FlowEnd}: all that a client
 * sends from one port ({@link ClientFlow}), or one request with its answer ({@link Exchange}).
 *
 * <p>It owns the lease on its backend, and the datagram that another backend would get if this one cannot be reached.
 *
 * <p>Thread rule: the event loop of its front.
 */
abstract class UdpFlow extends FlowTable.Entry {

    private static final Logger logger = LoggerFactory.getLogger(UdpFlow.class);

    private final UdpFront front;
    private final UdpLoop loop;
    private final long id;
    private final SocketAddressSpec client;
    private final InetSocketAddress clientAddress;
    private final EndpointSet set;
    private final PickContext context;
    private final long startNanos;
    private @Nullable Balancer balancer; // what made the pick
    private @Nullable Pick pick; // the latest one
    private boolean leased;
    private @Nullable ByteBuf held;
    private int attempts;
    private long bytesToBackend;
    private long bytesToClient;
    private boolean ended;

    UdpFlow(UdpFront front, SocketAddressSpec client, EndpointSet set) {
        this.front = front;
        this.loop = front.loop();
        this.id = loop.nextId();
        this.client = client;
        this.clientAddress = client.toSocketAddress();
        this.set = set;
        this.context = new PickContext(client.address());
        this.startNanos = loop.nanoTime();
    }

    final UdpFront front() {
        return front;
    }

    final UdpLoop loop() {
        return loop;
    }

    final SocketAddressSpec client() {
        return client;
    }

    final boolean hasEnded() {
        return ended;
    }

    final long idleNanos() {
        Long own = front.route().flowIdleNanos();
        return own == null ? loop.idleNanos() : own;
    }

    /**
     * Picks a backend that this flow has not failed to reach, and takes a lease on it. Backends that lead back to podlb
     * are passed over.
     *
     * @return null if none is left, which ends the flow
     */
    final @Nullable Backend pickNext() {
        while (!ended) {
            Balancer now = front.route().pool().balancer(set); // anew: a flow may be older than its backends
            Pick next;
            try {
                next = now.pick(context);
            } catch (RuntimeException e) {
                logger.error("{} flow of {} failed inside podlb", front.route().port(), client, e);
                end(FlowEnd.INTERNAL_ERROR);
                return null;
            }
            if (next == null) {
                end(attempts == 0 ? FlowEnd.NO_BACKEND : FlowEnd.CONNECT_FAILED);
                return null;
            }
            Backend backend = next.backend();
            balancer = now;
            pick = next;
            leased = true;
            backend.lease();
            metrics().picked();
            backend.metrics().picked();
            metrics().attempted(attempts++ == 0);
            if (!loop.leadsBack(backend.address())) {
                return backend;
            }
            backendFailed();
        }
        return null;
    }

    /** The backend picked last has proved to be there. */
    final void backendReached() {
        if (balancer != null && pick != null) {
            balancer.connected(context, pick.backend());
        }
    }

    /** The backend picked last could not be reached and is not picked again; its lease is returned. */
    final void backendFailed() {
        if (balancer != null && pick != null) {
            Backend backend = pick.backend();
            backend.metrics().connectFailed();
            context.exclude(backend);
            front.route().pool().missed(backend);
            balancer.failed(context, backend);
            returnLease();
        }
    }

    private void returnLease() {
        if (leased && pick != null) {
            leased = false;
            pick.backend().release();
        }
    }

    /** Counts what goes to the backend. */
    final void toBackend(Backend backend, int bytes) {
        bytesToBackend += bytes;
        front.metrics().toBackend(bytes);
        backend.metrics().toBackend(bytes);
    }

    /**
     * Sends an answer to the client, with the next flush.
     *
     * @param content stays the caller's
     */
    final void reply(Backend from, ByteBuf content) {
        front.route().pool().reached(from);
        int bytes = content.readableBytes();
        if (front.reply(clientAddress, copy(content))) {
            bytesToClient += bytes;
            from.metrics().toClient(bytes);
        }
    }

    /** A copy of its own size: what waits holds no receive buffer. */
    static ByteBuf copy(ByteBuf content) {
        return content.alloc()
                .directBuffer(content.readableBytes())
                .writeBytes(content, content.readerIndex(), content.readableBytes());
    }

    /** Keeps a datagram in place of the one before; it is this flow's from now on. */
    final void hold(ByteBuf content) {
        releaseHeld();
        held = content;
        loop.table().held(content.readableBytes());
    }

    /** The datagram for another backend; null if there is none. It stays the flow's. */
    final @Nullable ByteBuf held() {
        return held;
    }

    final void releaseHeld() {
        ByteBuf now = held;
        if (now != null) {
            held = null;
            loop.table().held(-now.readableBytes());
            now.release();
        }
    }

    /** Lets go of what was sent already, if all flows together keep too much. */
    final void holdNoMoreThanAllowed() {
        if (loop.table().holdsTooMuch()) {
            releaseHeld();
        }
    }

    /** Ends the flow, once; later calls do nothing. */
    @Override
    final void end(FlowEnd reason) {
        if (ended) {
            return;
        }
        ended = true;
        loop.wheel().cancel(this);
        loop.table().remove(this);
        releaseHeld();
        ended();
        returnLease();
        front.ended(this, reason);
        loop.ended(view(reason));
        logger.debug("{} flow of {} ended: {}", front.route().port(), client, reason.label());
    }

    /** Lets go of what a kind of flow has of its own. */
    abstract void ended();

    final FlowView view(@Nullable FlowEnd reason) {
        Pick now = pick;
        return new FlowView(
                id,
                front.route().port(),
                front.route().frontend(),
                client,
                now == null ? null : now.backend().address(),
                now == null ? null : now.backend().spec().pod(),
                now == null ? null : now.reason(),
                attempts,
                bytesToBackend,
                bytesToClient,
                TimeUnit.NANOSECONDS.toMillis(loop.nanoTime() - startNanos),
                reason);
    }

    private ServicePortMetrics metrics() {
        return front.route().metrics();
    }
}
