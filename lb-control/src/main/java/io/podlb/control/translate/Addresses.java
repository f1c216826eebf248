package io.podlb.control.translate;

import io.podlb.server.service.InetAddresses;
import java.net.InetAddress;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** IP addresses as they stand in Kubernetes objects. */
final class Addresses {

    private static final Pattern LEADING_ZEROS = Pattern.compile("(?<![0-9])0+(?=[0-9])");

    private Addresses() {}

    /**
     * The address that the text spells, read the way Kubernetes reads old objects: {@code 010.0.0.1} is {@code
     * 10.0.0.1}, never octal (kube-semantics 3.5). Null if it spells none.
     */
    static @Nullable InetAddress orNull(@Nullable String text) {
        String given = OrEmpty.text(text);
        try {
            return InetAddresses.parse(
                    given.indexOf(':') >= 0
                            ? given
                            : LEADING_ZEROS.matcher(given).replaceAll(""));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** What kind of address it is that no endpoint may have; null if an endpoint may have it. */
    static @Nullable String refusedForEndpoint(InetAddress address, boolean allowLoopback) {
        if (address.isLoopbackAddress() && !allowLoopback) {
            return "a loopback address";
        }
        if (address.isLinkLocalAddress()) {
            return "a link-local address";
        }
        return refusedEverywhere(address);
    }

    /** What kind of address it is that neither endpoint nor front end may have; null if it is none of them. */
    static @Nullable String refusedEverywhere(InetAddress address) {
        if (address.isAnyLocalAddress()) {
            return "the unspecified address";
        }
        return address.isMulticastAddress() ? "a multicast address" : null;
    }
}
