package io.podlb.control.health;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The sockets of all health servers and the one event loop that serves them. The size of requests, the number of
 * connections of all together and the time that one may idle are bounded, since anybody can reach them.
 *
 * <p>For any thread but its own event loop. {@link #close} ends every listener and connection.
 */
final class HttpListeners implements AutoCloseable {

    private static final int MAX_REQUEST_BYTES = 8 * 1024;
    private static final int MAX_CONNECTIONS = 1024;
    private static final int IDLE_SECONDS = 30;

    private final EventLoopGroup loop =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("lb-health", true), NioIoHandler.newFactory());
    private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /**
     * Starts to listen. The end of the listener is the end of its connections: a client that keeps one alive must not get
     * the answers of yesterday.
     *
     * @param address where; port 0 for any
     * @param offered on which addresses of this machine connections are taken
     * @param answer called by the event loop, must not block
     */
    ChannelFuture bind(
            InetSocketAddress address,
            Predicate<InetAddress> offered,
            Function<FullHttpRequest, FullHttpResponse> answer) {
        AnswerHandler handler = new AnswerHandler(answer);
        ChannelGroup mine = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (connections.size() >= MAX_CONNECTIONS
                                || !offered.test(channel.localAddress().getAddress())) {
                            ChannelFuture unused = channel.close();
                            return;
                        }
                        connections.add(channel);
                        mine.add(channel);
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES))
                                .addLast(handler);
                    }
                })
                .bind(address);
        bound.addListener((ChannelFuture done) -> {
            if (done.isSuccess()) {
                listeners.add(done.channel());
                done.channel().closeFuture().addListener(unused -> mine.close());
            }
        });
        return bound;
    }

    /**
     * Closes a listener.
     *
     * @return completes when its address is free
     */
    static CompletableFuture<Void> close(Channel listener) {
        CompletableFuture<Void> free = new CompletableFuture<>();
        // The JDK keeps the descriptor open until the selector has run once more, which a timer waits for.
        listener.close()
                .addListener(
                        done -> listener.eventLoop().schedule(() -> free.complete(null), 1, TimeUnit.MILLISECONDS));
        return free;
    }

    /** Where a listener listens. */
    static InetSocketAddress address(Channel listener) {
        return (InetSocketAddress) listener.localAddress();
    }

    /** Does something on the event loop after a while, unless this is closed before. */
    void after(long millis, Runnable task) {
        var unused = loop.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        listeners.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
