package io.podlb.e2e;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Random;

/**
 * A client of {@link UdpEchoMain}: sends one datagram of each size, all from one port, and looks at what comes back, from
 * anybody: its bytes, and the address and port that it came from. It prints a line for each and ends.
 */
final class UdpCallMain {

    private static final int PATIENCE_MILLIS = 10_000;

    private UdpCallMain() {}

    /**
     * @param arguments the address and port to call, then the sizes
     */
    public static void main(String[] arguments) throws Exception {
        InetSocketAddress called =
                new InetSocketAddress(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            for (String size : Arrays.asList(arguments).subList(2, arguments.length)) {
                System.out.println(size + " " + call(socket, called, Integer.parseInt(size)));
            }
        }
    }

    private static String call(DatagramSocket socket, InetSocketAddress called, int size) throws IOException {
        byte[] sent = new byte[size];
        new Random(size).nextBytes(sent);
        socket.send(new DatagramPacket(sent, size, called));
        DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
        socket.receive(answer);
        if (!answer.getSocketAddress().equals(called)) {
            return "came from " + answer.getSocketAddress();
        }
        return Arrays.equals(sent, Arrays.copyOf(answer.getData(), answer.getLength()))
                ? "same"
                : "came back with " + answer.getLength() + " bytes that differ";
    }
}
