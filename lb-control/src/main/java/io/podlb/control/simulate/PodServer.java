package io.podlb.control.simulate;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.podlb.control.allocate.PortRange;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one simulated Pod listens on. TCP and UDP of one port are at one address always, since an endpoint has one.
 *
 * <p>Control thread only; {@link #close} ends every connection.
 */
final class PodServer {

    private static final int PRIVILEGED = 1024;
    private static final int SHIFT = 10_000;
    private static final int MAX_DATAGRAM = 65_535;

    private final SimulatedPod pod;
    private final PortRange nodePorts;
    private final ServerBootstrap tcp;
    private final Bootstrap udp;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    private final Map<Integer, Channel> tcpListeners = new HashMap<>();
    private final Map<Integer, Channel> udpListeners = new HashMap<>();
    private final Map<Integer, String> detours = new HashMap<>();

    PodServer(SimulatedPod pod, EventLoopGroup loops, PortRange nodePorts) {
        this.pod = pod;
        this.nodePorts = nodePorts;
        this.tcp = new ServerBootstrap()
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
        this.udp = new Bootstrap()
                .group(loops)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                .handler(new ChannelInitializer<NioDatagramChannel>() {
                    @Override
                    protected void initChannel(NioDatagramChannel channel) {
                        channel.pipeline().addLast(PodAnswers.datagrams(pod));
                    }
                });
    }

    /** Opens what is missing of these ports. */
    void open(Set<Integer> tcpPorts, Set<Integer> udpPorts) {
        SortedSet<Integer> all = new TreeSet<>(tcpPorts);
        all.addAll(udpPorts);
        for (int port : all) {
            boolean stream = tcpPorts.contains(port) && !tcpListeners.containsKey(port);
            boolean datagrams = udpPorts.contains(port) && !udpListeners.containsKey(port);
            if (stream || datagrams) {
                open(port, stream, datagrams);
            }
        }
    }

    private void open(int port, boolean stream, boolean datagrams) {
        detours.remove(port);
        SocketAddressSpec open = openAt(port);
        String failure = open != null || port < nodePorts.first() || port > nodePorts.last()
                ? null
                : "it is in the range of node ports " + nodePorts;
        List<SocketAddressSpec> candidates = open == null ? candidates(port) : List.of(open);
        for (SocketAddressSpec candidate : candidates.subList(failure == null ? 0 : 1, candidates.size())) {
            String problem = bind(port, candidate, stream, datagrams);
            if (problem == null) {
                if (failure != null) {
                    detours.put(port, "port " + port + " is served by another port (" + failure + ")");
                }
                return;
            }
            failure = failure == null ? problem : failure;
        }
        detours.put(port, "port " + port + " is not served" + (open == null ? "" : " in full") + " (" + failure + ")");
    }

    /** Binds all or nothing; why it failed, null if it did not. */
    private @Nullable String bind(int port, SocketAddressSpec candidate, boolean stream, boolean datagrams) {
        InetSocketAddress at = candidate.toSocketAddress();
        Channel listener = null;
        if (stream) {
            ChannelFuture bound = tcp.bind(at).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                return String.valueOf(bound.cause().getMessage());
            }
            listener = bound.channel();
            at = (InetSocketAddress) listener.localAddress(); // where the system chose the port, UDP follows
        }
        if (datagrams) {
            ChannelFuture bound = udp.bind(at).awaitUninterruptibly();
            if (!bound.isSuccess()) {
                if (listener != null) {
                    listener.close().awaitUninterruptibly();
                }
                return String.valueOf(bound.cause().getMessage());
            }
            udpListeners.put(port, bound.channel());
        }
        if (listener != null) {
            tcpListeners.put(port, listener);
        }
        return null;
    }

    private List<SocketAddressSpec> candidates(int port) {
        List<SocketAddressSpec> candidates = new ArrayList<>();
        candidates.add(new SocketAddressSpec(pod.address(), port));
        if (port < PRIVILEGED
                && !pod.ports().contains(port + SHIFT)
                && !pod.udpPorts().contains(port + SHIFT)) {
            candidates.add(new SocketAddressSpec(pod.address(), port + SHIFT));
        }
        candidates.add(new SocketAddressSpec(pod.address(), 0));
        candidates.add(new SocketAddressSpec(InetAddresses.parse("127.0.0.1"), 0));
        return candidates;
    }

    private @Nullable SocketAddressSpec openAt(int port) {
        Channel listener = tcpListeners.getOrDefault(port, udpListeners.get(port));
        if (listener == null) {
            return null;
        }
        InetSocketAddress local = (InetSocketAddress) listener.localAddress();
        return new SocketAddressSpec(local.getAddress(), local.getPort());
    }

    /** Where its ports really are, for those that are elsewhere. */
    Map<SocketAddressSpec, SocketAddressSpec> moved() {
        Set<Integer> ports = new TreeSet<>(tcpListeners.keySet());
        ports.addAll(udpListeners.keySet());
        Map<SocketAddressSpec, SocketAddressSpec> moved = new HashMap<>();
        for (int port : ports) {
            SocketAddressSpec wanted = new SocketAddressSpec(pod.address(), port);
            SocketAddressSpec actual = openAt(port);
            if (actual != null && !actual.equals(wanted)) {
                moved.put(wanted, actual);
            }
        }
        return moved;
    }

    /** What is not as the manifest has it. */
    Collection<String> detours() {
        return detours.values();
    }

    /** Closes all but these ports. */
    void retain(Set<Integer> tcpPorts, Set<Integer> udpPorts) {
        retain(tcpListeners, tcpPorts);
        retain(udpListeners, udpPorts);
        detours.keySet().removeIf(port -> !tcpPorts.contains(port) && !udpPorts.contains(port));
    }

    private static void retain(Map<Integer, Channel> listeners, Set<Integer> ports) {
        List<Integer> gone = new ArrayList<>(listeners.keySet());
        gone.removeAll(ports);
        for (Integer port : gone) {
            Channel listener = listeners.remove(port);
            if (listener != null) {
                listener.close().awaitUninterruptibly();
            }
        }
    }

    void close() {
        retain(Set.of(), Set.of());
        connections.close().awaitUninterruptibly();
    }
}
