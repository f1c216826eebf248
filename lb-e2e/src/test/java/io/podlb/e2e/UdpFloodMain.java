package io.podlb.e2e;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Random;

/**
 * A client with too many addresses: sends one datagram from each of many addresses of 10.200.0.0/16 and ports, none of
 * which is used twice in a row. It prints how many it sent.
 */
final class UdpFloodMain {

    private UdpFloodMain() {}

    /**
     * @param arguments the address and port to flood, and how many datagrams
     */
    public static void main(String[] arguments) throws Exception {
        InetSocketAddress target =
                new InetSocketAddress(InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
        Random random = new Random(1);
        int count = Integer.parseInt(arguments[2]);
        for (int i = 0; i < count; i++) {
            byte[] source = {10, (byte) 200, (byte) random.nextInt(256), (byte) (1 + random.nextInt(254))};
            try (DatagramChannel channel = DatagramChannel.open()) {
                channel.bind(new InetSocketAddress(InetAddress.getByAddress(source), 0));
                channel.send(ByteBuffer.wrap(new byte[] {1}), target);
            }
        }
        System.out.println(count);
    }
}
