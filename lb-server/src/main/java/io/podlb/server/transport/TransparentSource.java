package io.podlb.server.transport;

import io.netty.channel.ChannelException;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Sockets that connect from the address of another host (transparent proxies, ip(7)). */
final class TransparentSource {

    // Numbers of Linux, the same on x86_64 and aarch64. Sockets of IPv6 heed both too.
    private static final int SOL_IP = 0;
    private static final int IP_TRANSPARENT = 19;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;

    private TransparentSource() {}

    /**
     * Lets a socket that is not connected yet connect from that address. The port is chosen with the connect, so that
     * one port serves for connects to several peers.
     *
     * @throws SourceException if it cannot
     */
    static void bind(Socket socket, InetAddress source) throws SourceException {
        if (!source.isLoopbackAddress()) { // of this machine, and needs no privilege
            try {
                socket.setIntOpt(SOL_IP, IP_TRANSPARENT, 1);
            } catch (IOException | ChannelException e) {
                throw new SourceException(
                        "this process may not use addresses of others (IP_TRANSPARENT: " + e.getMessage()
                                + "); give it CAP_NET_ADMIN or CAP_NET_RAW",
                        e);
            }
        }
        try {
            socket.setIntOpt(SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
            socket.bind(new InetSocketAddress(source, 0));
        } catch (IOException | ChannelException e) {
            throw new SourceException(
                    "the kernel does not take " + source.getHostAddress() + " for a source: " + e.getMessage(), e);
        }
    }

    /** Where the transport has no such option. */
    static SourceException unsupported() {
        return new SourceException("the JDK's sockets cannot use addresses of others;"
                + " choose another transport than nio (--transport io_uring or epoll)");
    }
}
