package io.podlb.control.simulate;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.podlb.control.allocate.PortRange;
import io.podlb.control.cluster.Origin;
import io.podlb.control.cluster.Problem;
import io.podlb.server.service.SocketAddressSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The sockets of the simulated Pods. Each Pod listens on its own address, answers HTTP requests with its name and
 * echoes everything else, over UDP datagram by datagram.
 *
 * <p>Where a port cannot be bound (ports below 1024 want a privilege, another process may listen on all addresses, a
 * system may lack 127/8) another one is taken, and {@link #reachedAt} says which; Services lead there all the same.
 *
 * <p>Control thread only; {@link #close} ends every connection.
 */
public final class PodServers implements AutoCloseable {

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
            servers.computeIfAbsent(key(pod), key -> new PodServer(pod, loops, nodePorts))
                    .open(pod.ports(), pod.udpPorts());
        }
    }

    /** Closes what is none of these Pods, connections included: call it when nobody is sent there any more. */
    public void retain(List<SimulatedPod> pods) {
        Map<String, PodServer> gone = new HashMap<>(servers);
        for (SimulatedPod pod : pods) {
            PodServer server = gone.remove(key(pod));
            if (server != null) {
                server.retain(pod.ports(), pod.udpPorts());
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
        servers.values().forEach(server -> moved.putAll(server.moved()));
        return Map.copyOf(moved);
    }

    /** What a person should know, one line per port and cause. */
    public List<Problem> problems() {
        SortedMap<String, Integer> counts = new TreeMap<>();
        servers.values().forEach(server -> server.detours().forEach(detour -> counts.merge(detour, 1, Integer::sum)));
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
}
