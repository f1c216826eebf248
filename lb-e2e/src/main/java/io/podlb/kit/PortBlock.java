package io.podlb.kit;

import io.podlb.server.service.SocketAddressSpec;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Places on one loopback address: each address and port of Kubernetes gets a port of its own. Ports come in runs of 64,
 * each claimed by a UDP socket at its first one; a lab that needs more claims more.
 */
final class PortBlock implements Places {

    private static final int FIRST_PORT = 12_000;
    private static final int SIZE = 64;

    /** Up to 27 999: clear of node ports and of the ports of outgoing connections. */
    private static final int BLOCKS = 250;

    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 31 % BLOCKS));

    private final InetAddress host;
    private final List<DatagramSocket> claims = new ArrayList<>();
    private final Deque<SocketAddressSpec> free = new ArrayDeque<>();
    private final Map<SocketAddressSpec, SocketAddressSpec> places = new HashMap<>();

    private PortBlock(InetAddress host) {
        this.host = host;
    }

    /** A first run of ports of that address. */
    static PortBlock claim(InetAddress host) {
        PortBlock block = new PortBlock(host);
        block.grow();
        return block;
    }

    private void grow() {
        for (int tried = 0; tried < BLOCKS; tried++) {
            int first = FIRST_PORT + SIZE * Math.floorMod(NEXT.getAndIncrement(), BLOCKS);
            DatagramSocket claim = Places.hold(new SocketAddressSpec(host, first));
            if (claim != null) {
                claims.add(claim);
                for (int port = first + 1; port < first + SIZE; port++) {
                    free.add(new SocketAddressSpec(host, port));
                }
                return;
            }
        }
        throw new IllegalStateException("no run of ports of " + host.getHostAddress()
                + " can be claimed; fewer labs at a time, or end whoever has its UDP ports from " + FIRST_PORT
                + " (ss -lunp)");
    }

    @Override
    public synchronized SocketAddressSpec place(InetAddress nominal, int port) {
        return places.computeIfAbsent(new SocketAddressSpec(nominal, port), wanted -> nextFree());
    }

    private SocketAddressSpec nextFree() {
        while (true) {
            if (free.isEmpty()) {
                grow();
            }
            SocketAddressSpec place = free.remove();
            if (Places.canBind(place)) {
                return place;
            }
        }
    }

    @Override
    public synchronized void release(InetAddress nominal) {
        places.entrySet().removeIf(entry -> {
            boolean goes = entry.getKey().address().equals(nominal);
            if (goes) {
                free.add(entry.getValue());
            }
            return goes;
        });
    }

    @Override
    public synchronized void close() {
        claims.forEach(DatagramSocket::close);
    }
}
