package io.podlb.server.limit;

import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * What counts as one client: an IPv4 address, or the /64 of an IPv6 address, all of which one host may use. As a number,
 * unique within one family; a service port has one.
 */
final class ClientKey {

    private ClientKey() {}

    static long of(InetAddress client) {
        ByteBuffer bytes = ByteBuffer.wrap(client.getAddress());
        return bytes.remaining() == Integer.BYTES ? bytes.getInt() : bytes.getLong();
    }
}
