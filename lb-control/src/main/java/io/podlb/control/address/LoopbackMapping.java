package io.podlb.control.address;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cluster IPs as addresses of 127/8. The low 24 bits stay, so that people recognise the address: 10.96.41.7 becomes
 * 127.96.41.7. 127.0.0.0/16 is left to others: an address whose second octet is 0 gets the lowest octet that no range
 * can produce. Two cluster IPs never share an address, since the low 24 bits of all ranges are checked to be disjoint.
 * Immutable.
 */
public final class LoopbackMapping {

    private static final int WIDEST_PREFIX = 9;
    private static final int PREFERRED_POD_OCTET = 244;
    private static final int LAST_OCTET = 254; // 127.255.255.255 is a broadcast address

    private final List<Cidr> ranges;
    private final int insteadOfZero;
    private final int podOctet;

    private LoopbackMapping(List<Cidr> ranges, int insteadOfZero, int podOctet) {
        this.ranges = ranges;
        this.insteadOfZero = insteadOfZero;
        this.podOctet = podOctet;
    }

    /**
     * The mapping of these service ranges; those of IPv6 are passed over, since IPv6 has but one loopback address.
     *
     * @throws IllegalArgumentException with one line, if a range is too wide or two would collide
     */
    public static LoopbackMapping of(List<Cidr> serviceRanges) {
        List<Cidr> ranges = new ArrayList<>();
        BitSet octets = new BitSet();
        for (Cidr range : serviceRanges) {
            if (range.family() == IpFamily.IPV4) {
                if (range.prefixLength() < WIDEST_PREFIX) {
                    throw refused(range + " does not fit into 127.0.0.0/8 (expected: /9 or narrower)");
                }
                for (Cidr other : ranges) {
                    if (first(range) <= last(other) && first(other) <= last(range)) {
                        throw refused(other + " and " + range + " have addresses with the same low 24 bits");
                    }
                }
                ranges.add(range);
                octets.set(first(range) >>> 16, (last(range) >>> 16) + 1);
            }
        }
        int insteadOfZero = octets.get(0) ? octets.nextClearBit(0) : 0;
        octets.set(insteadOfZero);
        octets.set(0);
        int podOctet = octets.previousClearBit(octets.get(PREFERRED_POD_OCTET) ? LAST_OCTET : PREFERRED_POD_OCTET);
        if (insteadOfZero > LAST_OCTET || podOctet < 0) {
            throw refused("the ranges " + ranges + " leave nothing free of 127.0.0.0/8");
        }
        return new LoopbackMapping(List.copyOf(ranges), insteadOfZero, podOctet);
    }

    private static IllegalArgumentException refused(String what) {
        return new IllegalArgumentException(
                "--service-cidr: " + what + "; use other ranges, or --cluster-ip-mode bind or port");
    }

    /** Its address of 127/8; null for IPv6 and for an address outside of every range. */
    public @Nullable InetAddress map(InetAddress clusterIp) {
        for (Cidr range : ranges) {
            if (range.contains(clusterIp)) {
                byte[] octets = clusterIp.getAddress();
                int second = octets[1] == 0 ? insteadOfZero : octets[1] & 0xff;
                return InetAddresses.parse("127." + second + "." + (octets[2] & 0xff) + "." + (octets[3] & 0xff));
            }
        }
        return null;
    }

    /** A block that no cluster IP is mapped into: 127.244.0.0/16 unless a service range takes that. */
    public Cidr podBlock() {
        return Cidr.parse("127." + podOctet + ".0.0/16");
    }

    private static int first(Cidr range) {
        byte[] octets = range.address().getAddress();
        return (octets[1] & 0xff) << 16 | (octets[2] & 0xff) << 8 | octets[3] & 0xff;
    }

    private static int last(Cidr range) {
        return first(range) + (1 << 32 - range.prefixLength()) - 1;
    }
}
