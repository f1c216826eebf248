package io.podlb.control.simulate;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.podlb.control.address.PortRange;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of the simulated Pods. Each Pod listens on its own address, answers HTTP requests with its name and
 * echoes everything else.
 *
 * <p>Where a port cannot be bound (ports below 1024 want a privilege, another process may listen on all addresses, a
 * system may lack 127/8) another one is taken, and {@link #reachedAt} says which; Services lead there all the same.
 *
 * <p>Control thread only; {@link #close} ends every connection.
 */
public final class PodServers implements AutoCloseable {

    private static final int PRIVILEGED = 1024;
    private static final int SHIFT = 10_000;

    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("lb-pods", true), NioIoHandler.newFactory());
    private final PortRange nodePorts;
    private final Map<SimulatedPod, PodServer> servers = new HashMap<>(); // control thread

    /**
     * No Pods yet.
     *
     * @param nodePorts ports that no Pod takes, since one of its addresses would keep a node port from being opened on
     *     all addresses
     */
    public PodServers(PortRange nodePorts) {
        this.nodePorts = nodePorts;
    }

    /** Opens what is missing and closes what is gone, connections included; returns when all of it is done. */
    public void reconcile(List<SimulatedPod> pods) {
        Map<SimulatedPod, PodServer> gone = new HashMap<>(servers);
        pods.forEach(gone::remove);
        gone.forEach((pod, server) -> {
            server.close();
            servers.remove(pod);
        });
        for (SimulatedPod pod : pods) {
            servers.computeIfAbsent(pod, PodServer::new);
        }
    }

    /** Where endpoints really listen, for those that do not listen at their own address and port. */
    public Map<SocketAddressSpec, SocketAddressSpec> reachedAt() {
        Map<SocketAddressSpec, SocketAddressSpec> moved = new HashMap<>();
        servers.forEach((pod, server) -> server.listeners.forEach((port, channel) -> {
            SocketAddressSpec wanted = new SocketAddressSpec(pod.address(), port);
            SocketAddressSpec actual = address(channel);
            if (!actual.equals(wanted)) {
                moved.put(wanted, actual);
            }
        }));
        return Map.copyOf(moved);
    }

    /** What a person should know, one line per port and cause. */
    public List<Problem> problems() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        servers.values().forEach(server -> server.detours.forEach(detour -> counts.merge(detour, 1, Integer::sum)));
        List<Problem> problems = new ArrayList<>();
        counts.forEach((detour, count) -> problems.add(new Problem(
                Problem.Severity.NOTE,
                new Origin("simulated", 0),
                null,
                null,
                count + (count == 1 ? " Pod: " : " Pods: ") + detour,
                "Services reach them all the same")));
        return problems;
    }

    @Override
    public void close() {
        servers.values().forEach(PodServer::close);
        servers.clear();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }

    private static SocketAddressSpec address(Channel channel) {
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        return new SocketAddressSpec(local.getAddress(), local.getPort());
    }

    /** What one Pod listens on. */
    private final class PodServer {
        final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        final Map<Integer, Channel> listeners = new HashMap<>();
        final List<String> detours = new ArrayList<>();

        PodServer(SimulatedPod pod) {
            ServerBootstrap bootstrap = new ServerBootstrap()
                    .group(loops)
                    .channel(NioServerSocketChannel.class)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel channel) {
                            connections.add(channel);
                            channel.pipeline().addLast(new PodHandler(pod));
                        }
                    });
            for (int port : pod.ports()) {
                open(bootstrap, pod, port);
            }
        }

        private void open(ServerBootstrap bootstrap, SimulatedPod pod, int port) {
            String failure = null;
            for (SocketAddressSpec candidate : candidates(pod, port)) {
                ChannelFuture bound =
                        bootstrap.bind(candidate.toSocketAddress()).awaitUninterruptibly();
                if (bound.isSuccess()) {
                    listeners.put(port, bound.channel());
                    if (failure != null || candidate.port() != port) {
                        detours.add("port " + port + " is served by another port, since " + reason(port, failure));
                    }
                    return;
                }
                failure = failure == null ? String.valueOf(bound.cause().getMessage()) : failure;
            }
            detours.add("port " + port + " is not served, since " + reason(port, failure));
        }

        private List<SocketAddressSpec> candidates(SimulatedPod pod, int port) {
            List<SocketAddressSpec> candidates = new ArrayList<>();
            if (port < nodePorts.first() || port > nodePorts.last()) {
                candidates.add(new SocketAddressSpec(pod.address(), port));
            }
            if (port < PRIVILEGED && !pod.ports().contains(port + SHIFT)) {
                candidates.add(new SocketAddressSpec(pod.address(), port + SHIFT));
            }
            candidates.add(new SocketAddressSpec(pod.address(), 0));
            candidates.add(new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0));
            return candidates;
        }

        private String reason(int port, @Nullable String failure) {
            return failure == null ? port + " is in the range of node ports " + nodePorts : failure;
        }

        void close() {
            listeners.values().forEach(channel -> channel.close().awaitUninterruptibly());
            connections.close().awaitUninterruptibly();
        }
    }
}
