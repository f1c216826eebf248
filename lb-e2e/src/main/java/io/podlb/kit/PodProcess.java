package io.podlb.kit;

import io.netty.channel.EventLoopGroup;
import io.podlb.control.simulate.SimulatedPod;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What runs in one Pod: a listener at the place of each of its ports. Crashes and starts again at the same places. Lock
 * of the lab.
 */
final class PodProcess {

    private final PodBehaviour behaviour;
    private final EventLoopGroup loop;
    private final Places places;
    private final Map<SocketAddressSpec, SocketAddressSpec> reachedAt = new HashMap<>();
    private final List<PodListener> listeners = new ArrayList<>();
    private final Set<String> open = new TreeSet<>(); // protocol and port
    private SimulatedPod pod;
    private boolean running = true;

    /** A process that listens on nothing yet. */
    PodProcess(SimulatedPod pod, PodBehaviour behaviour, EventLoopGroup loop, Places places) {
        this.pod = pod;
        this.behaviour = behaviour;
        this.loop = loop;
        this.places = places;
    }

    /**
     * Listens on what is missing of the ports of the Pod, unless it has crashed.
     *
     * @param addresses all that the Pod has, of both families; the same process is behind each
     */
    void open(SimulatedPod now, List<InetAddress> addresses) {
        pod = now;
        Set<Integer> ports = new TreeSet<>(now.ports());
        ports.addAll(now.udpPorts());
        for (int port : ports) {
            SocketAddressSpec place =
                    reachedAt.computeIfAbsent(new SocketAddressSpec(now.address(), port), this::placeOf);
            addresses.forEach(address -> reachedAt.putIfAbsent(new SocketAddressSpec(address, port), place));
        }
        listen();
    }

    private void listen() {
        if (running) {
            pod.ports().forEach(this::openStreams);
            pod.udpPorts().forEach(this::openDatagrams);
        }
    }

    private SocketAddressSpec placeOf(SocketAddressSpec nominal) {
        InetSocketAddress external = behaviour.external();
        return external == null
                ? places.place(nominal.address(), nominal.port())
                : new SocketAddressSpec(external.getAddress(), external.getPort());
    }

    private void openStreams(int port) {
        InetSocketAddress address = place(port).toSocketAddress();
        SocketHandler handler = behaviour.handler();
        var streams = behaviour.streams();
        if (handler != null && open.add("TCP/" + port)) {
            listeners.add(HandledListener.open(pod.name(), handler, address));
        } else if (streams != null && open.add("TCP/" + port)) {
            SimulatedPod played = pod;
            listeners.add(PlayedListener.streams(loop, address, () -> streams.apply(played)));
        }
    }

    private void openDatagrams(int port) {
        var datagrams = behaviour.datagrams();
        if (datagrams != null && open.add("UDP/" + port)) {
            SimulatedPod played = pod;
            listeners.add(PlayedListener.datagrams(loop, place(port).toSocketAddress(), () -> datagrams.apply(played)));
        }
    }

    /** Where a port really is. */
    SocketAddressSpec place(int port) {
        SocketAddressSpec place = reachedAt.get(new SocketAddressSpec(pod.address(), port));
        if (place == null) {
            throw new IllegalArgumentException("Pod " + pod.name() + " has no port " + port + " (expected: one of "
                    + pod.ports() + " or " + pod.udpPorts() + ")");
        }
        return place;
    }

    /** Its lowest port, TCP first. */
    int firstPort() {
        return pod.ports().isEmpty() ? pod.udpPorts().first() : pod.ports().first();
    }

    /** Where its ports really are, by what endpoints say. */
    Map<SocketAddressSpec, SocketAddressSpec> reachedAt() {
        return reachedAt;
    }

    boolean isRunning() {
        return running;
    }

    /** Closes everything. What is elsewhere is not ours to end. */
    void stop(boolean reset) {
        if (behaviour.external() != null && reset) {
            throw new IllegalStateException(
                    "Pod " + pod.name() + " is external, at " + behaviour.external() + "; end it where it was started");
        }
        running = false;
        listeners.forEach(listener -> listener.close(reset));
        listeners.clear();
        open.clear();
    }

    /** Runs again after it was stopped, at the same places. */
    void restart() {
        running = true;
        listen();
    }

    /** Gives its places back. */
    void release() {
        places.release(pod.address());
    }
}
