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
import io.podlb.control.allocate.PortRange;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

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
    private final Map<String, PodServer> servers = new HashMap<>(); // control thread, by Pod and address

    /**
     * No Pods yet.
     *
     * @param nodePorts ports that no Pod takes, since one of its addresses would keep a node port from being opened on
     *     all addresses
     */
    public PodServers(PortRange nodePorts) {
        this.nodePorts = nodePorts;
    }

    /** Opens what is missing of these Pods; returns when they can be reached. */
    public void open(List<SimulatedPod> pods) {
        for (SimulatedPod pod : pods) {
            servers.computeIfAbsent(key(pod), key -> new PodServer(pod)).open(pod.ports());
        }
    }

    /** Closes what is none of these Pods, connections included: call it when nobody is sent there any more. */
    public void retain(List<SimulatedPod> pods) {
        Map<String, PodServer> gone = new HashMap<>(servers);
        for (SimulatedPod pod : pods) {
            PodServer server = gone.remove(key(pod));
            if (server != null) {
                server.retain(pod.ports());
            }
        }
        gone.values().forEach(PodServer::close);
        servers.keySet().removeAll(gone.keySet());
    }

    private static String key(SimulatedPod pod) {
        return pod.namespace() + "/" + pod.name() + "/" + pod.address().getHostAddress();
    }

    /** Where endpoints really listen, for those that do not listen at their own address and port. */
    public Map<SocketAddressSpec, SocketAddressSpec> reachedAt() {
        Map<SocketAddressSpec, SocketAddressSpec> moved = new HashMap<>();
        servers.values()
                .forEach(server -> server.listeners.forEach((port, channel) -> {
                    SocketAddressSpec wanted = new SocketAddressSpec(server.pod.address(), port);
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
        servers.values()
                .forEach(server -> server.detours.values().forEach(detour -> counts.merge(detour, 1, Integer::sum)));
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
        final SimulatedPod pod;
        final ServerBootstrap bootstrap;
        final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        final Map<Integer, Channel> listeners = new HashMap<>();
        final Map<Integer, String> detours = new HashMap<>();

        PodServer(SimulatedPod pod) {
            this.pod = pod;
            this.bootstrap = new ServerBootstrap()
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
        }

        void open(Set<Integer> ports) {
            for (int port : ports) {
                if (!listeners.containsKey(port)) {
                    open(port);
                }
            }
        }

        private void open(int port) {
            detours.remove(port);
            String failure = port < nodePorts.first() || port > nodePorts.last()
                    ? null
                    : "it is in the range of node ports " + nodePorts;
            List<SocketAddressSpec> candidates = candidates(port);
            for (SocketAddressSpec candidate : candidates.subList(failure == null ? 0 : 1, candidates.size())) {
                ChannelFuture bound =
                        bootstrap.bind(candidate.toSocketAddress()).awaitUninterruptibly();
                if (bound.isSuccess()) {
                    listeners.put(port, bound.channel());
                    if (failure != null) {
                        detours.put(port, "port " + port + " is served by another port (" + failure + ")");
                    }
                    return;
                }
                failure = failure == null ? String.valueOf(bound.cause().getMessage()) : failure;
            }
            detours.put(port, "port " + port + " is not served (" + failure + ")");
        }

        private List<SocketAddressSpec> candidates(int port) {
            List<SocketAddressSpec> candidates = new ArrayList<>();
            candidates.add(new SocketAddressSpec(pod.address(), port));
            if (port < PRIVILEGED && !pod.ports().contains(port + SHIFT)) {
                candidates.add(new SocketAddressSpec(pod.address(), port + SHIFT));
            }
            candidates.add(new SocketAddressSpec(pod.address(), 0));
            candidates.add(new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0));
            return candidates;
        }

        void retain(Set<Integer> ports) {
            List<Integer> gone = new ArrayList<>(listeners.keySet());
            gone.removeAll(ports);
            for (Integer port : gone) {
                Channel listener = listeners.remove(port);
                if (listener != null) {
                    listener.close().awaitUninterruptibly();
                }
            }
            detours.keySet().retainAll(ports);
        }

        void close() {
            retain(Set.of());
            connections.close().awaitUninterruptibly();
        }
    }
}
