package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.podlb.server.backend.Backend;
import io.podlb.server.relay.FlowTable.Standing;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * All datagrams of one client address and port, over a socket of its own to one backend.
 *
 * <p>"Port unreachable" from the backend is a failed attempt: the flow moves to another backend, with the last datagram
 * if the failed one had not answered, and ends when none is left. Datagrams are copied when they are received, so that
 * one that waits holds its own size and not a receive buffer.
 *
 * <p>Thread rule: the event loop of its front.
 */
final class ClientFlow extends UdpFlow implements Upstream.User {

    /** How long a stale flow still passes on answers that were under way. */
    private static final long LAST_ANSWERS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private @Nullable Upstream upstream; // the socket to the backend in use
    private long lastNanos; // by the wheel's coarse clock
    private boolean stale;

    ClientFlow(UdpFront front, SocketAddressSpec client, EndpointSet set) {
        super(front, client, set);
    }

    /** Picks a backend for the first datagram, which stays the caller's. */
    void begin(ByteBuf content) {
        lastNanos = loop().wheel().coarseNanos();
        loop().wheel().schedule(this, idleNanos());
        hold(copy(content));
        tryNext();
    }

    /** A datagram of the client; it stays the caller's. */
    void received(ByteBuf content) {
        used(standing() == Standing.ANSWERED ? Standing.ASSURED : standing());
        Upstream now = upstream;
        if (now == null || !now.isConnected()) {
            front().drop(DatagramDrop.NO_BACKEND);
            return;
        }
        ByteBuf copy = copy(content);
        if (!now.hasAnswered()) {
            hold(copy.retainedDuplicate());
        }
        send(now, copy);
        holdNoMoreThanAllowed();
    }

    private void send(Upstream to, ByteBuf content) {
        FaultyDatagrams faulty = faultsToBackend();
        if (faulty == null) {
            sendNow(to, content);
        } else {
            faulty.pass(content, passed -> sendNow(to, passed));
        }
    }

    private void sendNow(Upstream to, ByteBuf content) {
        int bytes = content.readableBytes();
        if (to.send(content)) {
            toBackend(to.backend(), bytes);
        } else {
            front().drop(DatagramDrop.SEND_BUFFER_FULL);
        }
    }

    @Override
    public void answered(Upstream from, ByteBuf content) {
        if (from == upstream) {
            used(standing() == Standing.NEW ? Standing.ANSWERED : standing());
            releaseHeld();
            reply(from.backend(), content);
        }
    }

    private void used(Standing now) {
        long nanos = loop().wheel().coarseNanos();
        if (nanos != lastNanos || now != standing()) {
            lastNanos = nanos;
            loop().table().used(this, now);
        }
    }

    private void tryNext() {
        Backend backend = pickNext();
        if (backend == null) {
            return;
        }
        try {
            Upstream next = new Upstream(this, loop(), backend);
            upstream = next;
            next.connect();
        } catch (ChannelException e) {
            end(FlowEnd.LOCAL_RESOURCES); // out of descriptors
        }
    }

    /** Sends what came before the socket was ready. */
    @Override
    public void connected(Upstream now) {
        if (now != upstream) {
            return;
        }
        backendReached();
        ByteBuf first = held();
        if (first != null) {
            send(now, first.retainedDuplicate());
            holdNoMoreThanAllowed();
            loop().flush();
        }
    }

    @Override
    public void notConnected(Upstream now, Throwable cause) {
        if (now != upstream) {
            return;
        }
        if (LocalFailure.isOne(cause)) {
            end(FlowEnd.LOCAL_RESOURCES); // not the backend's fault
        } else {
            unreachable(now);
        }
    }

    @Override
    public void notSent(Upstream to) {
        if (to == upstream) {
            front().drop(DatagramDrop.SEND_FAILED);
        }
    }

    @Override
    public void unreachable(Upstream now) {
        if (now != upstream) {
            return;
        }
        if (stale) {
            end(FlowEnd.STALE);
            return;
        }
        upstream = null;
        now.close();
        backendFailed();
        // In a task of its own, so that many failures in a row do not nest.
        loop().eventLoop().execute(() -> {
            if (upstream == null) {
                tryNext();
                loop().flush();
            }
        });
    }

    /** Whether its backend is one of these; a flow that is between two backends picks from the newest ones anyway. */
    boolean isWith(Set<SocketAddressSpec> serving) {
        Upstream now = upstream;
        return now == null || serving.contains(now.backend().address());
    }

    /** The backend serves no longer and gets nothing more; what it has answered already still arrives. */
    void endSoon() {
        stale = true;
        releaseHeld();
        loop().wheel().schedule(this, LAST_ANSWERS_NANOS);
    }

    @Override
    void expired() {
        if (stale) {
            end(FlowEnd.STALE);
            return;
        }
        long left = idleNanos() - (loop().wheel().coarseNanos() - lastNanos);
        if (left > 0) {
            loop().wheel().schedule(this, left);
        } else {
            end(FlowEnd.IDLE_TIMEOUT);
        }
    }

    @Override
    void replied() {}

    @Override
    void ended() {
        Upstream now = upstream;
        if (now != null) {
            upstream = null;
            now.close();
        }
    }
}
