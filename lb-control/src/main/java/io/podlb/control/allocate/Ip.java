package io.podlb.control.allocate;

import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** IP addresses as manifests spell them. */
final class Ip {

    private Ip() {}

    /** Null if the text is no IP address. */
    static @Nullable InetAddress orNull(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return InetAddresses.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The canonical spelling (RFC 5952): the longest run of zero groups, of two or more, is left out. */
    static String text(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length == 4) {
            return address.getHostAddress();
        }
        int longest = 0;
        int start = -1;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && group(bytes, end) == 0) {
                end++;
            }
            if (end - i > Math.max(longest, 1)) {
                longest = end - i;
                start = i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
            } else {
                text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":")
                        .append(Integer.toHexString(group(bytes, i)));
            }
        }
        return text.toString();
    }

    static String text(Cidr block) {
        return text(block.address()) + "/" + block.prefixLength();
    }

    private static int group(byte[] bytes, int index) {
        return (bytes[2 * index] & 0xff) << 8 | bytes[2 * index + 1] & 0xff;
    }
}
