package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.FlowMetrics;
import io.podlb.server.service.DatagramDrop;
import java.util.List;

/**
 * A socket to one backend that requests of many clients share.
 *
 * <p>Clients choose the identifiers of their requests, 16 bits, and two clients may choose the same one for the same
 * question. So each request gets an identifier here that no other one waiting here has, and the client's own is put back
 * into the answer. A message is an answer if it has that identifier and repeats the question; anything else is dropped
 * and counted. A socket with one request at a time would need no identifiers and would serve any protocol, but could not
 * tell a late answer to the request before from the answer to this one, and would give it to the wrong client.
 *
 * <p>Forging an answer from afar is not made easier (RFC 5452): identifiers are random and secret, the socket is
 * connected to the backend, its port is the kernel's random choice, one of several that requests are spread over, and is
 * given up after as long as the port of a flow is kept that is used once. Nothing is cached, so that a forged answer
 * would reach one client.
 *
 * <p>TSIG survives another identifier, since it signs the one of the client (RFC 8945, section 5.3); SIG(0) (RFC 2931)
 * does not, and Services that use it want flows per client.
 *
 * <p>Thread rule: its event loop.
 */
final class SharedUpstream extends TimerWheel.Timer implements Upstream.User {

    /** Requests that wait here at most: half of the identifiers, so that a free one is found with the second draw. */
    private static final int MOST = 1 << 15;

    private final SharedUpstreams all;
    private final UdpLoop loop;
    private final FlowMetrics metrics;
    private final Upstream upstream;
    private final IntObjectMap<Exchange> waiting = new IntObjectHashMap<>();
    private boolean connecting; // and perhaps done
    private boolean retired;
    private boolean closed;

    /**
     * One that is not connected yet.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    SharedUpstream(SharedUpstreams all, UdpLoop loop, Backend backend, FlowMetrics metrics) {
        this.all = all;
        this.loop = loop;
        this.metrics = metrics;
        this.upstream = new Upstream(this, loop, backend);
    }

    Backend backend() {
        return upstream.backend();
    }

    /** Whether it takes another request. */
    boolean isOpen() {
        return !retired && waiting.size() < MOST;
    }

    /** Takes a request and sends it as soon as the socket is connected. */
    void join(Exchange request) {
        int id = all.secrets().next16();
        while (waiting.containsKey(id)) {
            id = all.secrets().next16();
        }
        waiting.put(id, request);
        request.joined(this, id);
        if (upstream.isConnected()) {
            request.send(upstream);
        } else if (!connecting) {
            connecting = true;
            upstream.connect();
        }
    }

    /** The request waits no longer. */
    void leave(int id) {
        waiting.remove(id);
        closeIfDone();
    }

    /** Takes no more requests, and closes the socket when the last one has left. */
    void retire() {
        retired = true;
        closeIfDone();
    }

    @Override
    void expired() {
        all.forget(this);
        retire();
    }

    private void closeIfDone() {
        if (retired && !closed && waiting.isEmpty()) {
            close();
        }
    }

    private void close() {
        closed = true;
        retired = true;
        loop.wheel().cancel(this);
        upstream.close();
    }

    @Override
    public void connected(Upstream now) {
        for (Exchange request : List.copyOf(waiting.values())) {
            request.send(now);
        }
        loop.flush();
    }

    @Override
    public void answered(Upstream from, ByteBuf content) {
        Exchange request = DnsMessage.isAnswer(content) ? waiting.get(DnsMessage.id(content)) : null;
        if (request != null && request.isAnsweredBy(content)) {
            request.answered(from, content);
        } else {
            metrics.dropped(DatagramDrop.UNMATCHED_ANSWER);
        }
    }

    @Override
    public void notSent(Upstream now) {
        metrics.dropped(DatagramDrop.SEND_FAILED);
    }

    @Override
    public void notConnected(Upstream now, Throwable cause) {
        if (LocalFailure.isOne(cause)) {
            giveUp().forEach(Exchange::notSent);
        } else {
            unreachable(now);
        }
    }

    /** All that was sent over it may be lost, and another backend will answer it as well. */
    @Override
    public void unreachable(Upstream now) {
        if (closed) {
            return;
        }
        List<Exchange> requests = giveUp();
        requests.forEach(Exchange::failed);
        // In a task of its own, so that many failures in a row do not nest.
        loop.eventLoop().execute(() -> {
            requests.forEach(Exchange::tryNext);
            loop.flush();
        });
    }

    private List<Exchange> giveUp() {
        List<Exchange> requests = List.copyOf(waiting.values());
        waiting.clear();
        all.forget(this);
        close();
        return requests;
    }
}
