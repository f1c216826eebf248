package io.podlb.server.fault;

import io.netty.buffer.ByteBuf;
import io.podlb.server.service.Fault;
import io.podlb.server.transport.RelaySocket;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A socket to a Pod that refuses, resets or says nothing, without the Pod. What is written is taken and thrown away, as a
 * peer takes it that never reads until its buffers are full; these have no end here, so that a client is not held up.
 */
final class FaultySocket implements RelaySocket {

    private final Fault fault;
    private @Nullable Events events; // from attach until close

    /**
     * @param fault one that takes the place of the Pod
     */
    FaultySocket(Fault fault) {
        this.fault = fault;
    }

    @Override
    public void attach(Events attached) {
        events = attached;
    }

    @Override
    public void connect(InetSocketAddress address, @Nullable InetAddress source, Consumer<@Nullable Throwable> done) {
        if (fault instanceof Fault.Refuse) {
            done.accept(new ConnectException("refused by a fault that was asked for: " + address));
        } else if (!(fault instanceof Fault.Blackhole)) {
            done.accept(null);
        }
    }

    @Override
    public @Nullable InetSocketAddress remoteAddress() {
        return null;
    }

    @Override
    public @Nullable InetSocketAddress localAddress() {
        return null;
    }

    @Override
    public boolean isConnectedToItself() {
        return false;
    }

    @Override
    public void read() {
        Events to = events;
        if (to != null && fault instanceof Fault.Reset) {
            to.inputLost();
        }
    }

    @Override
    public void write(ByteBuf content) {
        content.release();
        Events to = events;
        if (to != null) {
            to.written(true);
        }
    }

    @Override
    public void shutOutput() {}

    @Override
    public void keepAlive() {}

    @Override
    public void reset() {}

    @Override
    public void close() {
        events = null;
    }
}
