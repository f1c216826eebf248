package io.podlb.control.allocate;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.IpFamily;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The cluster IPs of one family: all addresses of a block but the first and, for IPv4, the last (kube-semantics 16.1). */
final class AddressRange {

    /** By convention of the API Service and of DNS, as positions (kube-semantics 16.5). */
    private static final long FIRST = 0;

    private static final long TENTH = 9;

    private final Cidr block;
    private final Bands bands;

    AddressRange(Cidr block) {
        this.block = block;
        int hostBits = block.address().getAddress().length * 8 - block.prefixLength();
        long size = hostBits >= Long.SIZE - 1 ? Long.MAX_VALUE : 1L << hostBits;
        long usable = block.family() == IpFamily.IPV4 ? size - 2 : size - 1;
        this.bands = Bands.ofAddresses(Math.max(0, usable), size);
    }

    /** Whether a manifest may ask for the address. */
    static boolean usable(Cidr block, InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean allOnes = true;
        for (int bit = block.prefixLength(); bit < bytes.length * 8; bit++) {
            allOnes &= (bytes[bit / 8] & 0x80 >>> bit % 8) != 0;
        }
        boolean broadcast = block.family() == IpFamily.IPV4 && allOnes;
        return block.contains(address) && !address.equals(block.address()) && !broadcast;
    }

    Cidr block() {
        return block;
    }

    /** An address for the name; null if all are taken. */
    @Nullable
    InetAddress firstFree(String name, Predicate<InetAddress> free) {
        long position = bands.firstFree(
                name, candidate -> candidate != FIRST && candidate != TENTH && free.test(at(candidate)));
        return position < 0 ? null : at(position);
    }

    private InetAddress at(long position) {
        byte[] base = block.address().getAddress();
        byte[] sum = new BigInteger(1, base)
                .add(BigInteger.valueOf(position))
                .add(BigInteger.ONE)
                .toByteArray();
        byte[] address = new byte[base.length];
        int length = Math.min(sum.length, address.length);
        System.arraycopy(sum, sum.length - length, address, address.length - length, length);
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address of " + address.length + " bytes", e);
        }
    }
}
