package io.podlb.control.admin;

import io.podlb.server.service.InetAddresses;
import java.net.InetAddress;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which hosts a request may name. A page in a browser can make any name lead to 127.0.0.1 and read what it gets, but
 * cannot forge the Host header; so only loopback names, configured names and the very address that the request came in
 * on are answered. Immutable.
 */
final class AllowedHosts {

    private final Set<String> names;

    AllowedHosts(Collection<String> names) {
        this.names = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }

    /**
     * Whether to answer.
     *
     * @param header value of the Host header, with or without port; null if there is none
     * @param local address of this machine that the connection came in on
     */
    boolean allows(@Nullable String header, InetAddress local) {
        if (header == null || header.isBlank()) {
            return false;
        }
        String host = withoutPort(header.strip()).toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || names.contains(host)) {
            return true;
        }
        try {
            InetAddress address = InetAddresses.parse(host);
            return address.isLoopbackAddress() || address.equals(local);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String withoutPort(String header) {
        if (header.startsWith("[")) {
            int end = header.indexOf(']');
            return end < 0 ? header : header.substring(1, end);
        }
        int colon = header.indexOf(':');
        return colon < 0 ? header : header.substring(0, colon);
    }
}
