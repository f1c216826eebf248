package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Offer;
import io.podlb.server.balance.Pick;
import io.podlb.server.balance.PickContext;
import io.podlb.server.fault.DatagramFaults;
import io.podlb.server.fault.FaultPlan;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.List;
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
    private final long ordinal;
    private final SocketAddressSpec client;
    private final InetSocketAddress clientAddress;
    private final EndpointSet set;
    private final PickContext context;
    private final long startNanos;
    private final Tries tries = new Tries();
    private @Nullable Offer offer; // what the latest pick was made from
    private boolean leased;
    private @Nullable ByteBuf held;
    private @Nullable FaultPlan faults; // of the backend picked last
    private @Nullable FaultyDatagrams faultsToBackend; // of the backend picked last
    private @Nullable FaultyDatagrams faultsToClient;
    private long bytesToBackend;
    private long bytesToClient;
    private boolean ended;

    UdpFlow(UdpFront front, SocketAddressSpec client, EndpointSet set) {
        this.front = front;
        this.loop = front.loop();
        this.id = loop.nextId();
        this.ordinal = front.route().nextOrdinal();
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
            Offer now = front.route().pool().offer(set); // anew: a flow may be older than its backends
            offer = now;
            Pick next;
            try {
                next = now.balancer().pick(context);
            } catch (RuntimeException e) {
                logger.error("{} flow of {} failed inside podlb", front.route().port(), client, e);
                end(FlowEnd.INTERNAL_ERROR);
                return null;
            }
            if (next == null) {
                end(tries.begun() == 0 ? FlowEnd.NO_BACKEND : FlowEnd.CONNECT_FAILED);
                return null;
            }
            Backend backend = next.backend();
            leased = true;
            backend.lease();
            metrics().picked();
            backend.metrics().picked();
            metrics().attempted(tries.begun() == 0);
            tries.begin(next, loop.nanoTime());
            if (!loop.leadsBack(backend.address())) {
                meetFaults(backend);
                return backend;
            }
            backendFailed();
        }
        return null;
    }

    private void meetFaults(Backend backend) {
        discardFaulty();
        FaultPlan plan = front.route().faults().plan(backend.spec(), ordinal);
        faults = plan;
        if (plan != null) {
            faultsToBackend = faulty(plan.datagrams(Direction.TO_BACKEND));
            faultsToClient = faulty(plan.datagrams(Direction.TO_CLIENT));
        }
    }

    private @Nullable FaultyDatagrams faulty(@Nullable DatagramFaults asked) {
        return asked == null ? null : new FaultyDatagrams(front, asked);
    }

    private void discardFaulty() {
        if (faultsToBackend != null) {
            faultsToBackend.discard();
            faultsToBackend = null;
        }
        if (faultsToClient != null) {
            faultsToClient.discard();
            faultsToClient = null;
        }
    }

    /** What datagrams meet on the way to the backend picked last; null: nothing. */
    final @Nullable FaultyDatagrams faultsToBackend() {
        return faultsToBackend;
    }

    /** The backend picked last has proved to be there. */
    final void backendReached() {
        Pick pick = tries.pick();
        if (offer != null && pick != null) {
            tries.end(Outcome.CONNECTED, loop.nanoTime());
            offer.balancer().connected(context, pick.backend());
        }
    }

    /** The backend picked last could not be reached and is not picked again; its lease is returned. */
    final void backendFailed() {
        Pick pick = tries.pick();
        if (offer != null && pick != null) {
            tries.end(Outcome.FAILED, loop.nanoTime());
            Backend backend = pick.backend();
            backend.metrics().connectFailed();
            context.exclude(backend);
            front.route().pool().missed(backend);
            offer.balancer().failed(context, backend);
            returnLease();
        }
    }

    private void returnLease() {
        Pick pick = tries.pick();
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
        FaultyDatagrams faulty = faultsToClient;
        if (faulty == null) {
            send(from, copy(content));
        } else {
            faulty.pass(copy(content), passed -> send(from, passed));
        }
    }

    private void send(Backend from, ByteBuf answer) {
        int bytes = answer.readableBytes();
        if (front.reply(clientAddress, answer)) {
            bytesToClient += bytes;
            from.metrics().toClient(bytes);
        }
        if (faultsToClient == null || faultsToClient.isIdle()) {
            replied();
        }
    }

    /** An answer was passed on, and no other one is on its way. */
    abstract void replied();

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
        discardFaulty();
        ended();
        returnLease();
        front.ended(this, reason, view(reason));
        logger.debug("{} flow of {} ended: {}", front.route().port(), client, reason.label());
    }

    /** Lets go of what a kind of flow has of its own. */
    abstract void ended();

    final FlowView view(@Nullable FlowEnd reason) {
        long now = loop.nanoTime();
        Offer offered = offer;
        BackendSpec latest = tries.backend();
        return new FlowView(
                id,
                ordinal,
                front.route().port(),
                front.route().frontend(),
                client,
                offered == null ? front.route().pool().policy() : offered.policy(),
                offered == null ? List.of() : offered.balancer().candidates(),
                tries.all(reason == null ? null : outcome(reason), now),
                latest == null ? null : latest.address(),
                latest == null ? null : latest.pod(),
                tries.reason(),
                tries.begun(),
                faults == null ? List.of() : faults.met(),
                bytesToBackend,
                bytesToClient,
                front.route().accessLog(),
                startNanos,
                TimeUnit.NANOSECONDS.toMillis(now - startNanos),
                reason);
    }

    /** What the end of the flow makes of a try that is under way. */
    private static Outcome outcome(FlowEnd reason) {
        return switch (reason) {
            case IDLE_TIMEOUT -> Outcome.TIMED_OUT;
            case LOCAL_RESOURCES -> Outcome.LOCAL_FAILURE;
            default -> Outcome.CANCELLED;
        };
    }

    private ServicePortMetrics metrics() {
        return front.route().metrics();
    }
}
