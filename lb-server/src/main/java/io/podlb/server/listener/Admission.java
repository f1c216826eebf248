package io.podlb.server.listener;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Decides who may use a front end and which endpoints it is offered. May be used by any thread.
 */
public final class Admission {

    private static final long REFRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final List<Cidr> nodeLocalClients;
    private final List<Cidr> trustedProxies;
    private final Ticker ticker;
    private volatile OwnAddresses own; // replaced by whoever finds it too old

    /**
     * @param nodeLocalClients blocks of clients that are local to this node beside its own addresses
     * @param trustedProxies blocks of proxies that are believed whom they speak for
     * @param ticker for the age of what is known of the own addresses
     */
    public Admission(List<Cidr> nodeLocalClients, List<Cidr> trustedProxies, Ticker ticker) {
        this.nodeLocalClients = nodeLocalClients;
        this.trustedProxies = trustedProxies;
        this.ticker = ticker;
        this.own = new OwnAddresses(Set.of(), ticker.nanoTime() - 2 * REFRESH_NANOS);
    }

    /** Whether the source ranges of the front end let the client in (kube-semantics 6.2). */
    static boolean admits(FrontendSpec frontend, InetAddress client) {
        return frontend.sourceRanges().isEmpty() || isIn(frontend.sourceRanges(), client);
    }

    private static boolean isIn(List<Cidr> blocks, InetAddress address) {
        for (Cidr block : blocks) {
            if (block.contains(address)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is believed whom it speaks for. */
    boolean trusts(InetAddress proxy) {
        return isIn(trustedProxies, proxy);
    }

    /** What the client is offered: under external policy Local it depends on where it is (kube-semantics 5.6, 24.3). */
    EndpointSet set(FrontendSpec frontend, InetAddress client) {
        boolean same = frontend.endpointSet() == frontend.nodeLocalSet();
        return same || !isNodeLocal(client) ? frontend.endpointSet() : frontend.nodeLocalSet();
    }

    private boolean isNodeLocal(InetAddress client) {
        return isIn(nodeLocalClients, client) || isOwn(client);
    }

    /** Whether it is an address of this node. */
    boolean isOwn(InetAddress address) {
        return address.isLoopbackAddress() || ownAddresses().contains(address);
    }

    /** Addresses come and go with interfaces, so they are looked up again, at most once per interval. */
    private Set<InetAddress> ownAddresses() {
        long now = ticker.nanoTime();
        OwnAddresses known = own;
        if (now - known.readNanos > REFRESH_NANOS) {
            known = new OwnAddresses(read(), now);
            own = known;
        }
        return known.addresses;
    }

    private static Set<InetAddress> read() {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(InetAddresses::canonical)
                    .forEach(addresses::add);
        } catch (SocketException e) {
            // Without a list only loopback and the configured blocks count as local.
            return Set.of();
        }
        return addresses;
    }

    /**
     * The addresses of this node's interfaces in one family, read anew, without link-local ones of IPv6, which mean
     * nothing without their interface.
     */
    static List<InetAddress> interfaceAddresses(IpFamily family) {
        return read().stream()
                .filter(address -> IpFamily.of(address) == family)
                .filter(address -> family == IpFamily.IPV4 || !address.isLinkLocalAddress())
                .toList();
    }

    private record OwnAddresses(Set<InetAddress> addresses, long readNanos) {}
}
