package io.podlb.control.address;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * On which addresses of this node its node ports are open (kube-semantics 6.4, 6.5). The words that upstream tries out
 * beside {@code primary} (6.6) are not known. Immutable; any thread.
 */
public final class NodePortAddresses {

    private static final String PRIMARY = "primary";

    private final boolean primary;
    private final List<Cidr> blocks;

    private NodePortAddresses(boolean primary, List<Cidr> blocks) {
        this.primary = primary;
        this.blocks = blocks;
    }

    /** All addresses, as kube-proxy does without configuration. */
    public static NodePortAddresses all() {
        return new NodePortAddresses(false, List.of());
    }

    /**
     * Reads the values of {@code --node-port-addresses}: blocks of addresses, or the single word {@code primary}.
     *
     * @throws IllegalArgumentException with a one-line reason
     */
    public static NodePortAddresses parse(Collection<String> words) {
        if (words.contains(PRIMARY)) {
            if (words.size() > 1) {
                throw new IllegalArgumentException(
                        "\"" + PRIMARY + "\" cannot be combined with " + words + " (expected: alone)");
            }
            return new NodePortAddresses(true, List.of());
        }
        return new NodePortAddresses(false, words.stream().map(Cidr::parse).toList());
    }

    /** Whether the answer depends on which addresses the interfaces have at the moment. */
    public boolean followsInterfaces() {
        return primary || !matchesAll(IpFamily.IPV4) || !matchesAll(IpFamily.IPV6);
    }

    /**
     * What to bind for a family, without duplicates; may be empty.
     *
     * @param interfaces addresses of this machine's interfaces
     * @param node addresses of its Node object; empty if it has none
     */
    public List<InetAddress> of(IpFamily family, List<InetAddress> interfaces, List<InetAddress> node) {
        if (primary) {
            // Without a Node object the first address that others can reach stands for it.
            List<InetAddress> candidates = node.isEmpty() ? interfaces : node;
            return candidates.stream()
                    .filter(address -> IpFamily.of(address) == family && isReachable(address))
                    .limit(1)
                    .toList();
        }
        if (matchesAll(family)) {
            return List.of(wildcard(family));
        }
        return interfaces.stream()
                .filter(address -> blocks.stream().anyMatch(block -> block.contains(address)))
                .distinct()
                .toList();
    }

    /** A family without a block in the list is not restricted, and a block of everything makes the others moot. */
    private boolean matchesAll(IpFamily family) {
        return blocks.stream().noneMatch(block -> block.family() == family)
                || blocks.stream().anyMatch(block -> block.family() == family && block.prefixLength() == 0);
    }

    private static boolean isReachable(InetAddress address) {
        return !address.isLoopbackAddress() && !address.isLinkLocalAddress() && !address.isAnyLocalAddress();
    }

    /** Whichever family asks, one socket of the data plane takes both and tells their clients apart. */
    static InetAddress wildcard(IpFamily family) {
        return InetAddresses.parse(family == IpFamily.IPV4 ? "0.0.0.0" : "::");
    }

    /**
     * The addresses of this machine's interfaces that are up, in the system's order, without link-local ones of IPv6,
     * which cannot be bound without naming their interface. Reads them anew on each call.
     */
    public static List<InetAddress> ofInterfaces() {
        List<InetAddress> addresses = new ArrayList<>();
        try {
            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                if (each.isUp()) {
                    each.inetAddresses()
                            .filter(address -> IpFamily.of(address) == IpFamily.IPV4 || !address.isLinkLocalAddress())
                            .map(address -> InetAddresses.parse(withoutScope(address)))
                            .forEach(addresses::add);
                }
            }
        } catch (SocketException e) {
            // An interface that goes away while it is looked at; what was seen of the others still counts.
            return addresses;
        }
        return addresses;
    }

    private static String withoutScope(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }
}
