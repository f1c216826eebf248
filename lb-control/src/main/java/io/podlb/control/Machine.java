package io.podlb.control;

import io.podlb.control.address.HighPorts;
import io.podlb.control.allocate.PortRange;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What is to be known of the machine before anything is started. */
final class Machine {

    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final Path EPHEMERAL_PORTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

    private Machine() {}

    /** Its name in lower case, as kubelet would register it. */
    static String name() {
        try {
            if (Files.isReadable(HOST_NAME)) {
                return Files.readString(HOST_NAME).strip().toLowerCase(Locale.ROOT);
            }
            return InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
        } catch (IOException e) {
            return "localhost";
        }
    }

    /** The ports that the system gives to outgoing connections. */
    static PortRange ephemeralPorts() {
        try {
            return PortRange.parse(Files.readString(EPHEMERAL_PORTS).strip().replaceAll("\\s+", "-"));
        } catch (IOException | IllegalArgumentException e) {
            return HighPorts.EPHEMERAL;
        }
    }

    /** Whether this process may listen there at the moment. */
    static boolean canListen(SocketAddressSpec address) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(address.toSocketAddress());
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
