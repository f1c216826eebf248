package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.podlb.server.backend.Backend;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * One DNS request that is balanced on its own, until its answer or its timeout; see {@link SharedUpstream} for how the
 * answer is found. "Port unreachable" is a failed attempt: the request goes to another backend.
 *
 * <p>A backend that serves no longer may still answer what it was asked: requests are not moved for that, since the next
 * one is balanced anyway (kube-semantics 9.3).
 *
 * <p>Thread rule: the event loop of its front.
 */
final class Exchange extends UdpFlow {

    private final int clientId;
    private final byte[] head;
    private @Nullable SharedUpstream upstream; // where it waits for its answer
    private int upstreamId;

    /**
     * @param request stays the caller's
     */
    Exchange(UdpFront front, SocketAddressSpec client, EndpointSet set, ByteBuf request) {
        super(front, client, set);
        this.clientId = DnsMessage.id(request);
        this.head = DnsMessage.head(request);
    }

    /** Sends the request, which stays the caller's. */
    void begin(ByteBuf request) {
        loop().wheel().schedule(this, idleNanos());
        hold(copy(request));
        tryNext();
        holdNoMoreThanAllowed();
    }

    /** Goes to a backend that it was not sent to yet, with the next flush. */
    void tryNext() {
        Backend backend = held() == null ? null : pickNext();
        if (backend == null) {
            end(FlowEnd.CONNECT_FAILED); // nothing to send any more; does nothing if it has ended
            return;
        }
        try {
            loop().shared().of(backend, front().metrics()).join(this);
        } catch (ChannelException e) {
            end(FlowEnd.LOCAL_RESOURCES); // out of descriptors
        }
    }

    /** Waits there for its answer from now on. */
    void joined(SharedUpstream shared, int id) {
        upstream = shared;
        upstreamId = id;
    }

    /** Sends the request under its identifier there. */
    void send(Upstream to) {
        ByteBuf request = held();
        if (request == null) {
            return; // the socket took long to connect, and too much was kept meanwhile
        }
        DnsMessage.id(request, upstreamId);
        FaultyDatagrams faulty = faultsToBackend();
        if (faulty == null) {
            sendNow(to, request.retainedDuplicate());
        } else {
            faulty.pass(copy(request), passed -> sendNow(to, passed)); // the next try writes its own identifier into it
        }
    }

    private void sendNow(Upstream to, ByteBuf request) {
        int bytes = request.readableBytes();
        if (to.send(request)) {
            toBackend(to.backend(), bytes);
        } else {
            front().drop(DatagramDrop.SEND_BUFFER_FULL);
            end(FlowEnd.LOCAL_RESOURCES);
        }
    }

    /** Whether a message is the answer to this request. */
    boolean isAnsweredBy(ByteBuf answer) {
        return DnsMessage.answers(answer, head);
    }

    /** Passes the answer on, which stays the caller's. */
    void answered(Upstream from, ByteBuf answer) {
        backendReached();
        DnsMessage.id(answer, clientId);
        reply(from.backend(), answer);
    }

    @Override
    void replied() {
        end(FlowEnd.ANSWERED);
    }

    /** The backend is not there; {@link #tryNext} is to follow. */
    void failed() {
        upstream = null;
        backendFailed();
    }

    /** This machine cannot reach any backend at the moment. */
    void notSent() {
        upstream = null;
        end(FlowEnd.LOCAL_RESOURCES);
    }

    @Override
    void expired() {
        end(FlowEnd.IDLE_TIMEOUT);
    }

    @Override
    void ended() {
        SharedUpstream now = upstream;
        if (now != null) {
            upstream = null;
            now.leave(upstreamId);
        }
    }
}
