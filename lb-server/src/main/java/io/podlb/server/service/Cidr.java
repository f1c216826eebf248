package io.podlb.server.service;

import java.net.InetAddress;

/**
 * A block of addresses of one family. An address of the other family is never inside.
 *
 * @param address any address of the block, kept with its host bits cleared
 * @param prefixLength 0 to 32 or 128
 */
public record Cidr(InetAddress address, int prefixLength) {

    public Cidr {
        byte[] bytes = address.getAddress();
        if (prefixLength < 0 || prefixLength > bytes.length * 8) {
            throw new IllegalArgumentException(
                    "prefix length: " + prefixLength + " (expected: 0 to " + bytes.length * 8 + ")");
        }
        for (int bit = prefixLength; bit < bytes.length * 8; bit++) {
            bytes[bit / 8] &= (byte) ~(0x80 >>> bit % 8);
        }
        address = InetAddresses.ofBytes(bytes);
    }

    /**
     * Reads {@code 10.0.0.0/8} or {@code fd00::/8}; blanks around it are tolerated, a name is not.
     *
     * @throws IllegalArgumentException with a one-line reason
     */
    public static Cidr parse(String text) {
        String trimmed = text.strip();
        int slash = trimmed.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("\"" + text + "\" has no prefix length (expected: like 10.0.0.0/8)");
        }
        InetAddress address = InetAddresses.parse(trimmed.substring(0, slash));
        String length = trimmed.substring(slash + 1);
        if (length.isEmpty() || length.length() > 3 || !length.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("\"" + text + "\" has no numeric prefix length");
        }
        return new Cidr(address, Integer.parseInt(length));
    }

    public IpFamily family() {
        return IpFamily.of(address);
    }

    public boolean contains(InetAddress candidate) {
        byte[] mine = address.getAddress();
        byte[] theirs = candidate.getAddress();
        if (mine.length != theirs.length) {
            return false;
        }
        int whole = prefixLength / 8;
        for (int i = 0; i < whole; i++) {
            if (mine[i] != theirs[i]) {
                return false;
            }
        }
        int rest = prefixLength % 8;
        return rest == 0 || ((mine[whole] ^ theirs[whole]) & (0xff00 >>> rest) & 0xff) == 0;
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefixLength;
    }
}
