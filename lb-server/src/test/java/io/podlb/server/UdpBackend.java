package io.podlb.server;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A real UDP backend on loopback: one thread answers over a plain JDK socket. */
public final class UdpBackend implements AutoCloseable {

    /** What a backend answers to a datagram; null: nothing. */
    public interface Answer {
        byte @Nullable [] to(byte[] content, int port);
    }

    private final DatagramSocket socket;
    private final CompletableFuture<Void> answering;

    private UdpBackend(Answer answer) throws IOException {
        socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        answering = CompletableFuture.runAsync(() -> answerAll(answer), task -> {
            Thread thread = new Thread(task, "udp-backend");
            thread.setDaemon(true);
            thread.start();
        });
    }

    public static UdpBackend running(Answer answer) {
        try {
            return new UdpBackend(answer);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sends back what it gets. */
    public static UdpBackend echo() {
        return running((content, port) -> content);
    }

    /** Says its name and the port that the datagram came from. */
    public static UdpBackend saying(String name) {
        return running((content, port) -> (name + " " + port).getBytes(StandardCharsets.UTF_8));
    }

    /** The same, but only to those who ask {@code please}. */
    public static UdpBackend sayingIfAsked(String name) {
        UnaryOperator<String> answer = port -> name + " " + port;
        return running((content, port) -> new String(content, StandardCharsets.UTF_8).equals("please")
                ? answer.apply(Integer.toString(port)).getBytes(StandardCharsets.UTF_8)
                : null);
    }

    /** An address of loopback where nobody listens for datagrams. */
    public static BackendSpec refusing() {
        return BackendSpec.of(Rig.freeAddress());
    }

    public BackendSpec spec() {
        return BackendSpec.of(new SocketAddressSpec(InetAddress.getLoopbackAddress(), socket.getLocalPort()));
    }

    private void answerAll(Answer answer) {
        byte[] buffer = new byte[65_535];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] reply = answer.to(Arrays.copyOf(buffer, packet.getLength()), packet.getPort());
                if (reply != null) {
                    socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException closed) {
            // The end of this backend.
        }
    }

    @Override
    public void close() {
        socket.close();
        answering.join();
    }
}
