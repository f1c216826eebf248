package io.podlb.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringIoHandlerConfig;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import io.podlb.server.service.IpFamily;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The transport of this process, with everything that differs between transports. Immutable; may be used by any thread.
 */
public final class Transport {

    /** Every name, the best first. */
    public static final List<String> NAMES = List.of("io_uring", "epoll", "nio");

    private static final int BACKLOG = 4096;

    /**
     * Kernel threads of one ring. The kernel cannot wait for "writable" on a socket whose peer has sent FIN, so a send
     * that blocks there takes one of them; beyond that many such readers the next ones wait for a thread.
     */
    private static final int IO_URING_WORKERS = 256;

    // Numbers of Linux, the same on x86_64 and aarch64.
    private static final ChannelOption<Integer> FREEBIND =
            new IntegerUnixChannelOption("podlb.IP_FREEBIND", 0, 15); // of IPv6 sockets too
    private static final ChannelOption<Integer> TCP_NODELAY = new IntegerUnixChannelOption("podlb.TCP_NODELAY", 6, 1);

    private final String name;
    private final String reason;
    private final IoHandlerFactory ioHandlers;
    private final Supplier<ServerChannel> servers;
    private final Supplier<SocketChannel> sockets;
    private final Supplier<UdpSocket> datagrams;

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
        if (!IoUring.isAvailable()) {
            return lastCause(IoUring.unavailabilityCause());
        }
        // Multishot receive is of 6.0, and all that the ring needs is older.
        return IoUring.isRecvMultishotEnabled() ? null : "the kernel is older than 6.0";
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
                IoUringIoHandler.newFactory(
                        new IoUringIoHandlerConfig().setRingSize(Ring.ENTRIES).setMaxUnboundedWorker(IO_URING_WORKERS)),
                IoUringServerSocketChannel::new,
                () -> {
                    throw new IllegalStateException("io_uring has sockets of its own");
                },
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

    /**
     * Event loops for the channels of this transport. The caller shuts them down.
     *
     * @param ticker the clock of their timers
     */
    public EventLoopGroup newEventLoops(int count, String threadName, Ticker ticker) {
        ThreadFactory threads = new DefaultThreadFactory(threadName, true);
        return isSystems(ticker)
                ? new MultiThreadIoEventLoopGroup(count, threads, ioHandlers)
                : new ClockedLoops(count, threads, ioHandlers, ticker);
    }

    /** One thread with timers by that clock, and without channels. The caller shuts it down. */
    public static EventExecutor newThread(String name, Ticker ticker) {
        ThreadFactory threads = new DefaultThreadFactory(name, true);
        return isSystems(ticker)
                ? new DefaultEventExecutor(threads)
                : new ClockedLoops(1, threads, LocalIoHandler.newFactory(), ticker).next();
    }

    private static boolean isSystems(Ticker ticker) {
        return ticker == Ticker.systemTicker();
    }

    /** The TCP sockets of one of {@link #newEventLoops}; called once for each of them. */
    public LoopSockets socketsOf(EventLoop eventLoop) {
        return eventLoop instanceof IoEventLoop io && io.isCompatible(Ring.class)
                ? new Ring(io, this)
                : new ChannelSockets(eventLoop, this);
    }

    /**
     * A listening socket, not registered and not bound.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    ServerChannel newServer() {
        ServerChannel server = servers.get();
        server.config().setOption(ChannelOption.SO_REUSEADDR, true);
        server.config().setOption(ChannelOption.SO_BACKLOG, BACKLOG);
        if (isNative()) {
            // What it accepts inherits these.
            Keepalive.set(server);
            server.config().setOption(TCP_NODELAY, 1);
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

    /** Registers and binds a listening socket; completes, on its event loop, with the address and its real port. */
    CompletableFuture<InetSocketAddress> bind(EventLoop eventLoop, ServerChannel server, InetSocketAddress address) {
        CompletableFuture<InetSocketAddress> done = new CompletableFuture<>();
        eventLoop.register(server).addListener(registered -> {
            if (registered.isSuccess()) {
                server.bind(address).addListener(bound -> finish(server, address, bound.cause(), done));
            } else {
                finish(server, address, registered.cause(), done);
            }
        });
        return done;
    }

    private static void finish(
            ServerChannel server,
            InetSocketAddress wanted,
            @Nullable Throwable cause,
            CompletableFuture<InetSocketAddress> done) {
        if (cause == null) {
            InetSocketAddress local = (InetSocketAddress) server.localAddress();
            done.complete(local == null ? wanted : local); // closed meanwhile
        } else {
            done.completeExceptionally(cause);
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
                // The JDK keeps the descriptor open until the selector has run once more. A timer that is due at once
                // waits for that: the loop looks for such timers after the selector.
                server.eventLoop().schedule(() -> closed.complete(null), 0, TimeUnit.NANOSECONDS);
            }
        });
        return closed;
    }

    /**
     * A channel that is not registered and not connected.
     *
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    SocketChannel newSocket() {
        return sockets.get();
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

    boolean isNative() {
        return !name.equals("nio");
    }
}
