package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.podlb.server.proxy.ProxyHeader.Announced;
import io.podlb.server.proxy.ProxyHeaderWriter;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.ProxyProtocol.Send;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.RelaySocket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Who has called, and which address: both ends of the connection that was accepted, unless the proxy at its other end
 * announced those of the connection that it speaks for.
 *
 * <p>Thread rule: the event loop of the session.
 */
final class Caller {

    /** Of a client that was gone before it was looked at. */
    private static final SocketAddressSpec UNKNOWN = canonical(new InetSocketAddress(0));

    private final RelaySocket socket;
    private SocketAddressSpec address;
    private @Nullable SocketAddressSpec called; // where announced

    Caller(RelaySocket socket, @Nullable InetSocketAddress peer) {
        this.socket = socket;
        this.address = peer == null ? UNKNOWN : canonical(peer);
    }

    private static SocketAddressSpec canonical(InetSocketAddress address) {
        return new SocketAddressSpec(InetAddresses.canonical(address.getAddress()), address.getPort());
    }

    /** The proxy at the other end speaks for that connection; null: for itself. */
    void announced(@Nullable Announced announced) {
        if (announced != null) {
            address = announced.source();
            called = announced.destination();
        }
    }

    /** The client's; that of the peer until another one is announced. */
    SocketAddressSpec address() {
        return address;
    }

    /** What the client called; asked of the kernel only where it is needed. */
    private SocketAddressSpec called() {
        SocketAddressSpec known = called;
        if (known == null) {
            InetSocketAddress local = socket.localAddress();
            known = local == null ? UNKNOWN : canonical(local);
        }
        return known;
    }

    /** The header that tells a backend of it; null: none is asked for. */
    @Nullable
    ByteBuf header(Send version, long connection, ServicePortName port) {
        return switch (version) {
            case OFF -> null;
            case V1 -> ProxyHeaderWriter.v1(address, called());
            case V2 -> ProxyHeaderWriter.v2(address, called(), connection, port);
        };
    }
}
