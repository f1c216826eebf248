package io.podlb.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;

/**
 * What stands behind every UDP proxy: an echo that makes a DNS answer of a DNS request, and a sink that counts. It runs on the selector of the client, in turn
 * with it, so that no thread waits for another one on the core that they share.
 */
final class UdpBackend implements AutoCloseable {

    static final InetAddress HOST = host();

    private static final int RECEIVE_BUFFER = 4 << 20;
    private static final int DNS_FLAGS = 2;
    private static final int DNS_ANSWER = 0x80;

    private final DatagramChannel echo;
    private final DatagramChannel sink;
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(2048);
    private long received;

    /** Opens both sockets and registers them with the selector; the attachment of their keys is this. */
    UdpBackend(Selector selector) throws IOException {
        echo = open(selector, Proxy.Ports.BACKEND.echo());
        sink = open(selector, Proxy.Ports.BACKEND.bulk());
    }

    private DatagramChannel open(Selector selector, int port) throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        channel.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BUFFER);
        channel.bind(new InetSocketAddress(HOST, port));
        channel.register(selector, SelectionKey.OP_READ, this);
        return channel;
    }

    private static InetAddress host() {
        try {
            return InetAddress.getByName("127.97.1.1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Answers or counts all that is there. */
    void read(SelectionKey key) throws IOException {
        DatagramChannel channel = (DatagramChannel) key.channel();
        while (true) {
            datagram.clear();
            SocketAddress from = channel.receive(datagram);
            if (from == null) {
                return;
            }
            if (channel == echo) {
                datagram.put(DNS_FLAGS, (byte) (datagram.get(DNS_FLAGS) | DNS_ANSWER));
                channel.send(datagram.flip(), from);
            } else {
                received++;
            }
        }
    }

    /** How many datagrams the sink has got. */
    long received() {
        return received;
    }

    @Override
    public void close() throws IOException {
        echo.close();
        sink.close();
    }
}
