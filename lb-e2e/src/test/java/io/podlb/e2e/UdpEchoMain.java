package io.podlb.e2e;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** The server of a Pod: sends every datagram back as it came, empty ones too. It says "ready", and runs until it is killed. */
final class UdpEchoMain {

    private UdpEchoMain() {}

    /**
     * @param arguments the port, on all addresses
     */
    public static void main(String[] arguments) throws Exception {
        try (DatagramChannel channel = DatagramChannel.open()) {
            channel.bind(new InetSocketAddress(Integer.parseInt(arguments[0])));
            System.out.println("ready");
            ByteBuffer datagram = ByteBuffer.allocateDirect(65_535);
            while (true) {
                datagram.clear();
                var from = channel.receive(datagram);
                channel.send(datagram.flip(), from);
            }
        }
    }
}
