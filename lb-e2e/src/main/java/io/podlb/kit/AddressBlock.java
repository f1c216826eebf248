package io.podlb.kit;

import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
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
import org.jspecify.annotations.Nullable;

/**
 * Places in 127.0.0.0/8: each address of Kubernetes gets one of 127.A.B.1 to 127.A.B.254 with its own ports, where these
 * can be bound. The block is claimed by a UDP socket at 127.A.B.0; a lab with more addresses claims more blocks. IPv6,
 * which has but one loopback address, gets ports of that.
 */
final class AddressBlock implements Places {

    /** Clear of 127.0, of what {@code lb run} gives to cluster IPs and Pods, and of 127.255. */
    private static final int FIRST_OCTET = 128;

    private static final int OCTETS = 112;
    private static final int BLOCKS = OCTETS << 8;
    private static final int LAST_HOST = 254;

    /** Below the ports of outgoing connections, and nobody's. */
    static final int CLAIM_PORT = 11_053;

    private static final int PRIVILEGED = 1024;
    private static final int SHIFT = 10_000;

    // Labs of one process begin their search at different blocks, and so do processes.
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 7919 % BLOCKS));

    private final List<DatagramSocket> claims = new ArrayList<>();
    private final Deque<InetAddress> free = new ArrayDeque<>();
    private final Map<InetAddress, InetAddress> hosts = new HashMap<>();
    private final Map<SocketAddressSpec, SocketAddressSpec> places = new HashMap<>();
    private @Nullable PortBlock ports; // of [::1]

    private AddressBlock() {}

    /** A block of one's own; null if this system has 127.0.0.1 alone, as macOS does. */
    static @Nullable AddressBlock claim() {
        SocketAddressSpec second = new SocketAddressSpec(InetAddresses.parse("127.0.0.2"), 0);
        if (!Places.canBind(second)) {
            return null;
        }
        AddressBlock block = new AddressBlock();
        block.grow();
        return block;
    }

    private void grow() {
        for (int tried = 0; tried < BLOCKS; tried++) {
            int number = Math.floorMod(NEXT.getAndIncrement(), BLOCKS);
            String prefix = "127." + (FIRST_OCTET + (number >> 8)) + "." + (number & 0xff) + ".";
            DatagramSocket claim = Places.hold(new SocketAddressSpec(InetAddresses.parse(prefix + "0"), CLAIM_PORT));
            if (claim != null) {
                claims.add(claim);
                for (int host = 1; host <= LAST_HOST; host++) {
                    free.add(InetAddresses.parse(prefix + host));
                }
                return;
            }
        }
        throw new IllegalStateException("no block of 127.0.0.0/8 can be claimed: UDP port " + CLAIM_PORT
                + " is taken on all of them; end the process that has it (ss -lunp), or use portsOnly()");
    }

    @Override
    public synchronized SocketAddressSpec place(InetAddress nominal, int port) {
        if (IpFamily.of(nominal) == IpFamily.IPV6) {
            ports = ports == null ? PortBlock.claim(InetAddresses.parse("::1")) : ports;
            return ports.place(nominal, port);
        }
        SocketAddressSpec wanted = new SocketAddressSpec(nominal, port);
        SocketAddressSpec known = places.get(wanted);
        if (known == null) {
            known = bindable(hosts.computeIfAbsent(nominal, address -> nextFree()), port);
            places.put(wanted, known);
        }
        return known;
    }

    private InetAddress nextFree() {
        if (free.isEmpty()) {
            grow();
        }
        return free.remove();
    }

    /** The port itself, or one that is told from it at a glance, or any. */
    private SocketAddressSpec bindable(InetAddress host, int port) {
        for (int candidate = port; candidate <= 65535; candidate += SHIFT) {
            SocketAddressSpec place = new SocketAddressSpec(host, candidate);
            if (!places.containsValue(place) && Places.canBind(place)) {
                return place;
            }
        }
        for (int candidate = PRIVILEGED; candidate <= 65535; candidate++) {
            SocketAddressSpec place = new SocketAddressSpec(host, candidate);
            if (!places.containsValue(place) && Places.canBind(place)) {
                return place;
            }
        }
        throw new IllegalStateException("no port of " + host.getHostAddress() + " can be bound; use portsOnly()");
    }

    @Override
    public synchronized void release(InetAddress nominal) {
        InetAddress host = hosts.remove(nominal);
        if (host != null) {
            places.keySet().removeIf(wanted -> wanted.address().equals(nominal));
            free.add(host);
        }
        if (ports != null) {
            ports.release(nominal);
        }
    }

    @Override
    public synchronized void close() {
        claims.forEach(DatagramSocket::close);
        if (ports != null) {
            ports.close();
        }
    }
}
