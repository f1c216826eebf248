package io.podlb.control.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in {@code /proc/net} and what stands in the way of what. */
class ListeningSocketsTest {

    private static final String HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "TCP, 127.0.0.1, 80, 127.0.0.1:80", // the very socket
        "TCP, 127.0.0.2, 80, ", // another address
        "TCP, 0.0.0.0, 80, 127.0.0.1:80", // a wildcard meets every address
        "TCP, 10.96.0.1, 443, 0.0.0.0:443", // and every address a wildcard
        "TCP, ::1, 443, ", // of its family
        "TCP, 10.96.0.1, 8080, [0:0:0:0:0:0:0:0]:8080", // that of IPv6 takes both
        "TCP, ::1, 8080, [0:0:0:0:0:0:0:0]:8080",
        "TCP, 127.0.0.1, 81, ", // established, not listening
        "UDP, 127.0.0.1, 80, ", // protocols do not meet
        "UDP, 10.96.0.10, 53, 0.0.0.0:53",
    })
    void whatIsInTheWay(String protocol, String address, int port, String expected) throws Exception {
        Files.writeString(
                folder.resolve("tcp"),
                HEADER
                        + "   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000\n"
                        + "   1: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000\n"
                        + "   2: 0100007F:0051 0100007F:9C40 01 00000000:00000000 00:00000000\n");
        Files.writeString(
                folder.resolve("tcp6"),
                HEADER + "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 0:0\n");
        Files.writeString(folder.resolve("udp"), HEADER + "   0: 00000000:0035 00000000:0000 07 00000000:00000000\n");
        SocketAddressSpec found = ListeningSockets.read(folder)
                .inTheWayOf(Protocol.valueOf(protocol), new SocketAddressSpec(InetAddresses.parse(address), port));
        assertThat(found == null ? null : found.toString()).isEqualTo(expected);
    }

    @Test
    void socketsOfThisMachineAreSeen() throws Exception {
        InetAddress loopback = InetAddresses.parse("127.0.0.1");
        try (ServerSocket tcp = new ServerSocket(0, 1, loopback);
                DatagramSocket udp = new DatagramSocket(0, loopback)) {
            ListeningSockets sockets = ListeningSockets.ofThisMachine();
            SocketAddressSpec tcpAddress = new SocketAddressSpec(loopback, tcp.getLocalPort());
            SocketAddressSpec udpAddress = new SocketAddressSpec(loopback, udp.getLocalPort());
            assertThat(sockets.inTheWayOf(Protocol.TCP, tcpAddress)).isEqualTo(tcpAddress);
            assertThat(sockets.inTheWayOf(Protocol.UDP, udpAddress)).isEqualTo(udpAddress);
        }
    }
}
