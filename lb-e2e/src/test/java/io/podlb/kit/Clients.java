package io.podlb.kit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Clients of Services as tests of the kit want them. */
final class Clients {

    private static final int PATIENCE_MILLIS = 10_000;

    private Clients() {}

    /** The name of the Pod that says it, on a connection of its own. */
    static String whoAnswers(InetSocketAddress address) {
        try (Socket client = connect(address)) {
            client.shutdownOutput();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            String name = in.readLine();
            while (in.readLine() != null) {
                // To its end, so that nothing is left open.
            }
            return String.valueOf(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Socket connect(InetSocketAddress address) throws IOException {
        Socket client = new Socket();
        client.setSoTimeout(PATIENCE_MILLIS);
        client.connect(address, PATIENCE_MILLIS);
        return client;
    }

    /** The answer to one datagram. */
    static String ask(InetSocketAddress address, String question) {
        try (DatagramSocket client = new DatagramSocket()) {
            client.setSoTimeout(PATIENCE_MILLIS);
            byte[] bytes = question.getBytes(StandardCharsets.UTF_8);
            client.send(new DatagramPacket(bytes, bytes.length, address));
            DatagramPacket answer = new DatagramPacket(new byte[1500], 1500);
            client.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
