package io.podlb.server.transport;

import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.Socket;
import io.netty.util.internal.CleanableDirectBuffer;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Socket addresses as the kernel reads them. It copies one when an operation is submitted, so each is used again once
 * the submission queue has gone round.
 */
final class RingAddresses {

    private static final int SIZE = 32;
    private static final short AF_INET = 2; // numbers of Linux
    private static final short AF_INET6 = 10;
    private static final int IPV4_LENGTH = 16;
    private static final int IPV6_LENGTH = 28;

    private final CleanableDirectBuffer memory;
    private final ByteBuffer bytes;
    private final long address;
    private final int count;
    private int next;

    /** @param count more than the entries of the submission queue */
    RingAddresses(int count) {
        this.count = count;
        this.memory = Buffer.allocateDirectBufferWithNativeOrder(count * SIZE);
        this.bytes = memory.buffer();
        this.address = Buffer.memoryAddress(bytes);
    }

    /** Writes an address for a socket of {@link Socket#newSocketStream}; returns where it is. */
    long write(InetSocketAddress to) {
        next = (next + 1) % count;
        int at = next * SIZE;
        for (int i = 0; i < SIZE; i += Long.BYTES) {
            bytes.putLong(at + i, 0);
        }
        byte[] ip = to.getAddress().getAddress();
        boolean ipv6 = Socket.isIPv6Preferred();
        bytes.putShort(at, ipv6 ? AF_INET6 : AF_INET);
        bytes.put(at + 2, (byte) (to.getPort() >> 8));
        bytes.put(at + 3, (byte) to.getPort());
        if (!ipv6) {
            bytes.put(at + 4, ip, 0, ip.length);
        } else if (to.getAddress() instanceof Inet6Address address6) {
            bytes.put(at + 8, ip, 0, ip.length);
            bytes.putInt(at + 24, address6.getScopeId());
        } else {
            bytes.put(at + 18, (byte) 0xff).put(at + 19, (byte) 0xff); // an IPv4 address within IPv6
            bytes.put(at + 20, ip, 0, ip.length);
        }
        return address + at;
    }

    static int length() {
        return Socket.isIPv6Preferred() ? IPV6_LENGTH : IPV4_LENGTH;
    }

    void release() {
        memory.clean();
    }
}
