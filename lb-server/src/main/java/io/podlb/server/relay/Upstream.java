package io.podlb.server.relay;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.Balancer;
import io.podlb.server.transport.UdpSocket;
import java.net.PortUnreachableException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket of one flow to one backend. It is connected, so that the kernel lets nobody else's datagrams in and tells
 * when nobody listens there.
 *
 * <p>Thread rule: the event loop of its flow.
 */
final class Upstream extends ChannelInboundHandlerAdapter implements ChannelFutureListener {

    private static final Logger logger = LoggerFactory.getLogger(Upstream.class);

    private final UdpFlow flow;
    private final UdpSocket socket;
    private final Backend backend;
    private final Balancer balancer;
    private boolean connected;
    private boolean answered;

    Upstream(UdpFlow flow, UdpSocket socket, Backend backend, Balancer balancer) {
        this.flow = flow;
        this.socket = socket;
        this.backend = backend;
        this.balancer = balancer;
    }

    UdpSocket socket() {
        return socket;
    }

    Backend backend() {
        return backend;
    }

    /** What picked it. */
    Balancer balancer() {
        return balancer;
    }

    boolean isConnected() {
        return connected;
    }

    boolean hasAnswered() {
        return answered;
    }

    void connect(EventLoop eventLoop) {
        DatagramChannel channel = socket.channel();
        channel.pipeline().addLast(this);
        eventLoop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.connect(backend.address().toSocketAddress()).addListener(done -> connected(done.cause()));
            } else {
                connected(registered.cause());
            }
        });
    }

    private void connected(@Nullable Throwable failure) {
        if (failure != null) {
            flow.notConnected(this, failure);
        } else if (socket.channel().localAddress().equals(socket.channel().remoteAddress())) {
            flow.unreachable(this); // the kernel chose the backend's own port: it would talk to itself
        } else {
            connected = true;
            flow.connected(this);
        }
    }

    /** Whether the failure means that nobody is there. */
    static boolean isUnreachable(Throwable failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return failure instanceof PortUnreachableException
                || message.contains("connection refused")
                || message.contains("no route to host");
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        if (socket.isFromPeer(packet.sender())) {
            answered = true;
            flow.answered(this, packet.content());
        } else {
            packet.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flow.answersReceived();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (isUnreachable(cause)) {
            flow.unreachable(this);
        } else {
            logger.debug("could not receive from {}: {}", backend, cause.toString());
        }
    }

    /** A datagram was taken by the kernel, or not. */
    @Override
    public void operationComplete(ChannelFuture written) {
        flow.written(this, written);
    }

    void close() {
        if (socket.channel().isRegistered()) {
            socket.channel().close();
        } else {
            socket.channel().unsafe().closeForcibly();
        }
    }
}
