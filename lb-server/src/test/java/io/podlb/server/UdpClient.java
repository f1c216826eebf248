package io.podlb.server;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A client with one port for all its datagrams. */
public final class UdpClient implements AutoCloseable {

    private final DatagramSocket socket;
    private final InetSocketAddress to;

    private UdpClient(InetAddress from, InetSocketAddress to) throws IOException {
        this.socket = new DatagramSocket(0, from);
        this.socket.setSoTimeout(10_000);
        this.to = to;
    }

    /** One at 127.0.0.1, which takes answers from anywhere and then fails if they are not from where it sends to. */
    public static UdpClient of(InetSocketAddress to) throws IOException {
        return new UdpClient(InetAddress.getByName("127.0.0.1"), to);
    }

    public static UdpClient of(InetAddress from, InetSocketAddress to) throws IOException {
        return new UdpClient(from, to);
    }

    /** One that is told when nobody listens. The JDK sends no empty datagrams through such a socket. */
    public static UdpClient connected(InetSocketAddress to) throws IOException {
        UdpClient client = of(to);
        client.socket.connect(to);
        return client;
    }

    public void send(byte[] content) throws IOException {
        socket.send(new DatagramPacket(content, content.length, to));
    }

    public void send(String content) throws IOException {
        send(content.getBytes(StandardCharsets.UTF_8));
    }

    public byte[] receive() throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(packet);
        if (!packet.getSocketAddress().equals(to)) {
            throw new IOException("sent to " + to + ", answered by " + packet.getSocketAddress());
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    /** The answer to a datagram. */
    public String ask(String content) throws IOException {
        send(content);
        return new String(receive(), StandardCharsets.UTF_8);
    }

    /** The first word of the answer: the name of the backend. */
    public String whoAnswers() throws IOException {
        return ask("please").split(" ")[0];
    }

    @Override
    public void close() {
        socket.close();
    }
}
