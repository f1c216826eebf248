package io.podlb.server.transport;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.podlb.server.service.IpFamily;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The transport of this process, with everything that differs between transports. Immutable; may be used by any thread.
 */
public final class Transport {

    /** Every name, the best first. */
    public static final List<String> NAMES = List.of("io_uring", "epoll", "nio");

    private static final int MAX_RECEIVE_BUFFER = 128 * 1024;
    private static final int BACKLOG = 4096;

    /**
     * Kernel threads of one ring. The kernel cannot wait for "writable" on a socket whose peer has sent FIN, so a send
     * that blocks there takes one of them; beyond that many such readers the next ones wait for a thread.
     */
    private static final int IO_URING_WORKERS = 256;

    // Numbers of Linux, the same on x86_64 and aarch64.
    private static final int SOL_SOCKET = 1;
    private static final int SO_KEEPALIVE = 9;
    private static final int IPPROTO_TCP = 6;
    private static final ChannelOption<Integer> FREEBIND =
            new IntegerUnixChannelOption("podlb.IP_FREEBIND", 0, 15); // of IPv6 sockets too
    private static final ChannelOption<Integer> KEEPALIVE =
            new IntegerUnixChannelOption("podlb.SO_KEEPALIVE", SOL_SOCKET, SO_KEEPALIVE);
    private static final ChannelOption<Integer> KEEPALIVE_IDLE =
            new IntegerUnixChannelOption("podlb.TCP_KEEPIDLE", IPPROTO_TCP, 4);
    private static final ChannelOption<Integer> KEEPALIVE_INTERVAL =
            new IntegerUnixChannelOption("podlb.TCP_KEEPINTVL", IPPROTO_TCP, 5);
    private static final ChannelOption<Integer> KEEPALIVE_COUNT =
            new IntegerUnixChannelOption("podlb.TCP_KEEPCNT", IPPROTO_TCP, 6);

    private final String name;
    private final String reason;
    private final IoHandlerFactory ioHandlers;
    private final Supplier<ServerChannel> servers;
    private final Supplier<SocketChannel> sockets;
    private final Supplier<UdpSocket> datagrams;
    private final RecvByteBufAllocator receiveBuffers = new AdaptiveRecvByteBufAllocator(512, 4096, MAX_RECEIVE_BUFFER);

    private Transport(
            String name,
            String reason,
            IoHandlerFactory ioHandlers,
            Supplier<ServerChannel> servers,
            Supplier<SocketChannel> sockets,
            Supplier<UdpSocket> datagrams) {
        this.name = name;
        this.reason = reason;
        this.ioHandlers = ioHandlers;
        this.servers = servers;
        this.sockets = sockets;
        this.datagrams = datagrams;
    }

    /**
     * The transport of that name, or the best that works here.
     *
     * @param wanted one of {@link #NAMES}; null: the best
     * @throws IllegalStateException in one line, if the transport that was asked for does not work here
     */
    public static Transport choose(@Nullable String wanted) {
        if (wanted != null) {
            return switch (wanted) {
                case "io_uring" -> require(wanted, ioUringProblem(), () -> ioUring("asked for"));
                case "epoll" -> require(wanted, epollProblem(), () -> epoll("asked for"));
                case "nio" -> nio("asked for");
                default ->
                    throw new IllegalArgumentException("transport: " + wanted + " (expected: one of " + NAMES + ")");
            };
        }
        String noIoUring = ioUringProblem();
        if (noIoUring == null) {
            return ioUring("the kernel allows it");
        }
        String noEpoll = epollProblem();
        if (noEpoll == null) {
            return epoll("no io_uring: " + noIoUring);
        }
        return nio("no io_uring: " + noIoUring + "; no epoll: " + noEpoll);
    }

    private static Transport require(String wanted, @Nullable String problem, Supplier<Transport> maker) {
        if (problem != null) {
            throw new IllegalStateException("transport " + wanted + " does not work here: " + problem
                    + "; choose another one or leave the choice to podlb");
        }
        return maker.get();
    }

    private static @Nullable String ioUringProblem() {
        // Both are read by the class initializer of IoUring, so they are set before its first use.
        // A multishot accept is armed again at once after it failed, whether reading was stopped or not: without
        // descriptors it would spin.
        preset("io.netty.iouring.acceptMultiShotEnabled");
        // A multishot poll reports a reset once; if data was read after that report, the next read waits for ever.
        preset("io.netty.iouring.pollAddMultishotEnabled");
        return IoUring.isAvailable() ? null : lastCause(IoUring.unavailabilityCause());
    }

    private static void preset(String property) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, "false");
        }
    }

    private static @Nullable String epollProblem() {
        return Epoll.isAvailable() ? null : lastCause(Epoll.unavailabilityCause());
    }

    private static String lastCause(@Nullable Throwable cause) {
        Throwable last = cause;
        while (last != null && last.getCause() != null) {
            last = last.getCause();
        }
        String message = last == null ? null : last.getMessage();
        return message == null ? "unknown cause" : message.lines().findFirst().orElse("unknown cause");
    }

    private static Transport ioUring(String reason) {
        return new Transport(
                "io_uring",
                reason,
                IoUringIoHandler.newFactory(new IoUringIoHandlerConfig().setMaxUnboundedWorker(IO_URING_WORKERS)),
                IoUringServerSocketChannel::new,
                IoUringSocketChannel::new,
                () -> {
                    throw new IllegalStateException("io_uring serves no datagrams; ask forDatagrams()");
                });
    }

    private static Transport epoll(String reason) {
        return new Transport(
                "epoll",
                reason,
                new EpollGuard(EpollIoHandler.newFactory()),
                EpollServerSocketChannel::new,
                EpollSocketChannel::new,
                UdpSocket::epoll);
    }

    private static Transport nio(String reason) {
        return new Transport(
                "nio",
                reason,
                NioIoHandler.newFactory(),
                NioServerSocketChannel::new,
                NioSocketChannel::new,
                UdpSocket::nio);
    }

    /**
     * The transport for datagrams: this one, but epoll in place of io_uring. The ring takes the buffer for the next
     * datagram when it begins to wait for one, 64 KiB for each flow however idle; and epoll receives many with one call.
     */
    public Transport forDatagrams() {
        if (!name.equals("io_uring")) {
            return this;
        }
        String why = "io_uring holds a buffer for each socket that waits";
        return epollProblem() == null ? epoll(why) : nio(why);
    }

    /** {@code io_uring}, {@code epoll} or {@code nio}. */
    public String name() {
        return name;
    }

    /** Why it is this one, as a clause for people. */
    public String reason() {
        return reason;
    }

    /** Event loops for the channels of this transport. The caller shuts them down. */
    public EventLoopGroup newEventLoops(int count, String threadName) {
        return new MultiThreadIoEventLoopGroup(count, new DefaultThreadFactory(threadName, true), ioHandlers);
    }

    /**
     * A listening socket, not registered and not bound.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    public ServerChannel newServer() {
        ServerChannel server = servers.get();
        server.config().setOption(ChannelOption.SO_REUSEADDR, true);
        server.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        if (isNative()) {
            setKeepalive(server); // what it accepts inherits it
        }
        return server;
    }

    /**
     * Lets a socket that is not bound yet take an address that is local by an any-address route alone. For IPv4 the
     * kernel looks at routes itself; for IPv6 it wants the address on an interface, or this option, which needs no
     * privilege. The JDK has no such option, so with nio the bind fails.
     */
    public void allowAnyAddressRoute(Channel socket, IpFamily family) {
        if (isNative() && family == IpFamily.IPV6) {
            socket.config().setOption(FREEBIND, 1);
        }
    }

    /**
     * Closes a listening socket.
     *
     * @return completes when its address is free
     */
    public CompletableFuture<Void> closeServer(Channel server) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        server.close().addListener(done -> {
            if (isNative()) {
                closed.complete(null);
            } else {
                // The JDK keeps the descriptor open until the selector has run once more, which a timer waits for.
                server.eventLoop().schedule(() -> closed.complete(null), 1, TimeUnit.MILLISECONDS);
            }
        });
        return closed;
    }

    /**
     * A socket for a connection to a backend, not registered and not connected.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    public SocketChannel newSocket() {
        SocketChannel socket = sockets.get();
        configure(socket);
        return socket;
    }

    /**
     * A datagram socket, not registered, not bound and not connected.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     * @throws IllegalStateException if this is not a transport {@link #forDatagrams}
     */
    public UdpSocket newDatagramSocket() {
        return datagrams.get();
    }

    /** Prepares a socket that a listening socket accepted. */
    public void prepareAccepted(SocketChannel socket) {
        configure(socket);
    }

    /**
     * Ends the stream to the peer of a socket to which all was written. Event loop of the socket only.
     *
     * @throws IOException if the connection is gone
     */
    public void shutdownOutput(SocketChannel socket) throws IOException {
        if (socket instanceof UnixChannel unix && unix.fd() instanceof Socket descriptor) {
            // Netty's own way makes two exceptions with their stacks, for writes that might still be waiting.
            descriptor.shutdown(false, true);
            return;
        }
        ChannelFuture shut = socket.shutdownOutput(); // done when it returns
        if (!shut.isSuccess()) {
            throw new IOException("cannot shut the output", shut.cause());
        }
    }

    /**
     * Lets a peer that vanished without a word be noticed after about two minutes. For both sockets of a connection
     * that has lasted a while, since it costs four system calls. Event loop of the sockets only.
     */
    public void keepAlive(SocketChannel accepted, SocketChannel connected) {
        try {
            setKeepalive(connected);
            if (!isNative()) {
                setKeepalive(accepted); // native ones inherited it
            }
        } catch (ChannelException gone) {
            // Closed or reset a moment ago; the relay will see it.
        }
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

    private void setKeepalive(Channel channel) {
        if (isNative()) {
            channel.config().setOption(KEEPALIVE, 1);
            channel.config().setOption(KEEPALIVE_IDLE, 60);
            channel.config().setOption(KEEPALIVE_INTERVAL, 15);
            channel.config().setOption(KEEPALIVE_COUNT, 4);
        } else {
            channel.config().setOption(ChannelOption.SO_KEEPALIVE, true);
        }
    }

    private boolean isNative() {
        return !name.equals("nio");
    }
}
