package io.podlb.server.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.podlb.server.service.IpFamily;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Sockets as Netty's channels. */
final class ChannelSockets implements LoopSockets {

    private static final int MAX_RECEIVE_BUFFER = 128 * 1024;

    private final EventLoop eventLoop;
    private final Transport transport;
    private final RecvByteBufAllocator receiveBuffers = new AdaptiveRecvByteBufAllocator(512, 4096, MAX_RECEIVE_BUFFER);

    ChannelSockets(EventLoop eventLoop, Transport transport) {
        this.eventLoop = eventLoop;
        this.transport = transport;
    }

    @Override
    public RelaySocket open() {
        SocketChannel channel = transport.newSocket();
        configure(channel);
        return new ChannelSocket(channel, eventLoop, false);
    }

    private void adopt(SocketChannel channel, Consumer<RelaySocket> then) {
        configure(channel);
        boolean keptAlive = transport.isNative(); // it inherited that
        eventLoop.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                then.accept(new ChannelSocket(channel, eventLoop, keptAlive));
            } else {
                channel.unsafe().closeForcibly();
            }
        });
    }

    private void configure(SocketChannel socket) {
        SocketChannelConfig config = socket.config();
        // Read on demand alone: the relay asks for bytes when it can pass them on.
        config.setAutoRead(false);
        config.setAllowHalfClosure(true);
        // A failed write must not throw away what the same peer sent before: the relay decides when to close.
        config.setAutoClose(false);
        config.setConnectTimeoutMillis(0); // the relay has a timer of its own
        config.setRecvByteBufAllocator(receiveBuffers);
        // TCP_NODELAY is Netty's default.
    }

    @Override
    public ListenSocket newListener(Acceptance acceptance) {
        ServerChannel server = transport.newServer();
        server.pipeline().addLast(new Acceptor(acceptance));
        return new Listening(server);
    }

    private final class Listening implements ListenSocket {
        private final ServerChannel server;

        Listening(ServerChannel server) {
            this.server = server;
        }

        @Override
        public void allowAnyAddressRoute(IpFamily family) {
            transport.allowAnyAddressRoute(server, family);
        }

        @Override
        public CompletableFuture<InetSocketAddress> bind(InetSocketAddress address) {
            return transport.bind(eventLoop, server, address);
        }

        @Override
        public void pause() {
            server.config().setAutoRead(false);
        }

        @Override
        public void resume() {
            server.config().setAutoRead(true);
        }

        @Override
        public CompletableFuture<Void> close() {
            return transport.closeServer(server);
        }
    }

    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        private final Acceptance acceptance;

        Acceptor(Acceptance acceptance) {
            this.acceptance = acceptance;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            SocketChannel channel = (SocketChannel) message;
            acceptance.accepted((loop, then) -> ((ChannelSockets) loop).adopt(channel, then));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            acceptance.failed(cause);
        }
    }
}
