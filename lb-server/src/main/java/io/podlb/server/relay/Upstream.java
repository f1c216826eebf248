package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.podlb.server.backend.Backend;
import io.podlb.server.transport.UdpSocket;
import java.net.PortUnreachableException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A datagram socket to one backend. It is connected, so that the kernel lets nobody else's datagrams in and tells when
 * nobody listens there. The kernel chooses its port, at random.
 *
 * <p>Thread rule: the event loop of its user, who closes it.
 */
final class Upstream extends ChannelInboundHandlerAdapter implements ChannelFutureListener {

    private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

    private final User user;
    private final UdpLoop loop;
    private final Backend backend;
    private final UdpSocket socket;
    private boolean connected;
    private boolean answered;

    /** Who sends through the socket. Event loop. */
    interface User {

        /** It can send now; called once, and perhaps before {@link Upstream#connect} returns. */
        void connected(Upstream now);

        /** It will never send. */
        void notConnected(Upstream now, Throwable cause);

        /** A datagram was not taken by the kernel; {@link #unreachable} follows if that is why. */
        void notSent(Upstream now);

        /** Nobody is there: the backend's machine says so, or the socket would lead to itself. */
        void unreachable(Upstream now);

        /** A datagram of the backend; it stays the caller's. */
        void answered(Upstream from, ByteBuf content);
    }

    /**
     * A socket that is not connected yet.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    Upstream(User user, UdpLoop loop, Backend backend) {
        this.user = user;
        this.loop = loop;
        this.backend = backend;
        this.socket = loop.transport().newDatagramSocket();
    }

    Backend backend() {
        return backend;
    }

    boolean isConnected() {
        return connected;
    }

    boolean hasAnswered() {
        return answered;
    }

    void connect() {
        DatagramChannel channel = socket.channel();
        channel.pipeline().addLast(this);
        loop.eventLoop().register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(backend.address().toSocketAddress()).addListener(done -> connected(done.cause()));
            } else {
                connected(registered.cause());
            }
        });
    }

    private void connected(@Nullable Throwable failure) {
        if (failure != null) {
            user.notConnected(this, failure);
        } else if (socket.channel().localAddress().equals(socket.channel().remoteAddress())) {
            user.unreachable(this); // the kernel chose the backend's own port: it would talk to itself
        } else {
            connected = true;
            user.connected(this);
        }
    }

    /**
     * Sends with the next flush of the loop.
     *
     * @param content released by this
     * @return false if it was dropped, since too much waits already
     */
    boolean send(ByteBuf content) {
        if (!socket.isWritable()) {
            content.release();
            return false;
        }
        socket.write(content, null).addListener(this);
        loop.flushLater(socket);
        return true;
    }

    /** Whether the failure means that nobody is there. */
    private static boolean isUnreachable(Throwable failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return failure instanceof PortUnreachableException
                || message.contains("connection refused")
                || message.contains("no route to host");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            if (socket.isFromPeer(packet.sender())) {
                answered = true;
                user.answered(this, packet.content());
            }
        } finally {
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        loop.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (isUnreachable(cause)) {
            user.unreachable(this);
        } else {
            logger.debug("could not receive from {}: {}", backend, cause.toString());
        }
    }

    /** A datagram was taken by the kernel, or not. */
    @Override
    public void operationComplete(ChannelFuture written) {
        Throwable cause = written.cause();
        if (cause == null) {
            return;
        }
        user.notSent(this);
        if (isUnreachable(cause)) {
            // In a task of its own: this may be called in the midst of a send.
            loop.eventLoop().execute(() -> user.unreachable(this));
        }
    }

    void close() {
        if (socket.channel().isRegistered()) {
            socket.channel().close();
        } else {
            socket.channel().unsafe().closeForcibly();
        }
    }
}
