package io.podlb.server.proxy;

import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * What a header says of a connection.
 *
 * @param announced the addresses of the connection that the proxy speaks for; null: those of its own connection to us
 *     count, since it speaks for itself ({@code LOCAL}) or cannot say ({@code UNKNOWN}, {@code AF_UNSPEC}, sockets that
 *     are not TCP over IP)
 */
public record ProxyHeader(@Nullable Announced announced) {

    static final ProxyHeader NOTHING_ANNOUNCED = new ProxyHeader(null);

    /**
     * Both ends of a connection that somebody else took.
     *
     * @param source the client
     * @param destination the address that it called
     */
    public record Announced(SocketAddressSpec source, SocketAddressSpec destination) {}

    static ProxyHeader of(SocketAddressSpec source, SocketAddressSpec destination) {
        return new ProxyHeader(new Announced(source, destination));
    }
}
