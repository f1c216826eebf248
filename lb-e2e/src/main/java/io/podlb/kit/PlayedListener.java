package io.podlb.kit;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.Supplier;

/** A TCP or UDP socket whose peers are answered by handlers of Netty. */
final class PlayedListener implements PodListener {

    private static final int MAX_DATAGRAM = 65_535;

    /** For a selector to let go of what is closed. */
    private static final Duration CLOSING = Duration.ofSeconds(10);

    private final Channel listener;
    private final ChannelGroup connections;

    private PlayedListener(Channel listener, ChannelGroup connections) {
        this.listener = listener;
        this.connections = connections;
    }

    /**
     * Listens for connections.
     *
     * @param loop one event loop: what it has accepted before the close of the listener is known after that
     * @throws IllegalStateException if the address cannot be bound
     */
    static PlayedListener streams(EventLoopGroup loop, InetSocketAddress address, Supplier<ChannelHandler> handler) {
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline().addLast(handler.get());
                    }
                })
                .bind(address);
        return new PlayedListener(listening(bound, address), connections);
    }

    /**
     * Takes datagrams.
     *
     * @throws IllegalStateException if the address cannot be bound
     */
    static PlayedListener datagrams(EventLoopGroup loop, InetSocketAddress address, Supplier<ChannelHandler> handler) {
        ChannelFuture bound = new Bootstrap()
                .group(loop)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler.get());
                    }
                })
                .bind(address);
        return new PlayedListener(
                listening(bound, address), new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true));
    }

    private static Channel listening(ChannelFuture bound, InetSocketAddress address) {
        if (!bound.awaitUninterruptibly().isSuccess()) {
            throw new IllegalStateException("a Pod cannot listen on " + address + ": "
                    + bound.cause().getMessage() + "; another process has taken it since the lab began");
        }
        return bound.channel();
    }

    @Override
    public void close(boolean reset) {
        InetSocketAddress address = (InetSocketAddress) listener.localAddress();
        listener.close().awaitUninterruptibly();
        if (listener instanceof ServerChannel) {
            // The JDK closes a channel when its selector looks the next time; until then the kernel accepts for it.
            boolean unused = Patience.until(CLOSING, () -> Places.canListen(address), Boolean::booleanValue);
        }
        if (reset) {
            connections.forEach(channel -> channel.config().setOption(ChannelOption.SO_LINGER, 0));
        }
        connections.close().awaitUninterruptibly();
    }
}
