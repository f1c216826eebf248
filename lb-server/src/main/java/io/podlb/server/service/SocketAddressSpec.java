package io.podlb.server.service;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;

/**
 * An IP address with a port. Unlike {@link InetSocketAddress} it never holds a name, so equality and order depend on
 * the numbers alone.
 *
 * @param address a resolved address; an IPv4-mapped IPv6 address never occurs, the JDK folds it
 * @param port 1 to 65535; 0 lets the system choose and is meant for tests and embedded use
 */
public record SocketAddressSpec(InetAddress address, int port) implements Comparable<SocketAddressSpec> {

    public SocketAddressSpec {
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 0 to 65535)");
        }
    }

    public IpFamily family() {
        return IpFamily.of(address);
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(address, port);
    }

    /** By bytes of the address, then by port; IPv4 before IPv6. */
    @Override
    public int compareTo(SocketAddressSpec other) {
        byte[] mine = address.getAddress();
        byte[] theirs = other.address.getAddress();
        int order = Integer.compare(mine.length, theirs.length);
        order = order != 0 ? order : Arrays.compareUnsigned(mine, theirs);
        return order != 0 ? order : Integer.compare(port, other.port);
    }

    /** {@code 10.0.0.1:80} or {@code [fd00::1]:80}. */
    @Override
    public String toString() {
        String host = address.getHostAddress();
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
