package io.podlb.control.admin;

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
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * The admin endpoint. It has one event loop of its own, so whatever is asked of it, the data plane does not wait; the
 * size of requests, the number of connections and the time that one may idle are bounded. It only reads, but for
 * faults where these are allowed.
 *
 * <p>May be closed by any thread, once; {@link #close} ends its connections.
 */
public final class AdminServer implements AutoCloseable {

    private static final int MAX_REQUEST_BYTES = 64 * 1024; // as many faults as there may be
    private static final int MAX_CONNECTIONS = 256;
    private static final int IDLE_SECONDS = 60;

    private final EventLoopGroup loop;
    private final ChannelGroup connections;
    private final Channel listener;

    private AdminServer(EventLoopGroup loop, ChannelGroup connections, Channel listener) {
        this.loop = loop;
        this.connections = connections;
        this.listener = listener;
    }

    /**
     * Listens.
     *
     * @param address where; port 0 for any
     * @param hosts names that requests may use beside loopback names
     * @throws IllegalStateException with one line, if it cannot listen there
     */
    public static AdminServer start(SocketAddressSpec address, Collection<String> hosts, AdminSources sources) {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("lb-admin", true), NioIoHandler.newFactory());
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        AdminHandler handler = new AdminHandler(sources, new AllowedHosts(hosts));
        ChannelFuture bound = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (connections.size() >= MAX_CONNECTIONS) {
                            ChannelFuture unused = channel.close();
                            return;
                        }
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new ReadTimeoutHandler(IDLE_SECONDS))
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES))
                                .addLast(handler);
                    }
                })
                .bind(address.toSocketAddress())
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
            throw new IllegalStateException("--admin: cannot listen on " + address + " ("
                    + bound.cause().getMessage() + "); choose another with --admin ADDRESS:PORT, port 0 for any");
        }
        return new AdminServer(loop, connections, bound.channel());
    }

    /** Where it listens. */
    public SocketAddressSpec address() {
        InetSocketAddress local = (InetSocketAddress) listener.localAddress();
        return new SocketAddressSpec(local.getAddress(), local.getPort());
    }

    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
