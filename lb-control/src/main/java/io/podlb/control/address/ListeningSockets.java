package io.podlb.control.address;

import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that take connections or datagrams on this machine at one moment, whoever has opened them: what a bind
 * would meet. Read from Linux's {@code /proc/net} (proc(5)). Immutable; any thread.
 */
public final class ListeningSockets {

    private static final String TCP_LISTEN = "0A";
    private static final String UDP_UNCONNECTED = "07";
    private static final int ADDRESS = 1;
    private static final int STATE = 3;
    private static final int WORD = 4;

    private final Map<Protocol, List<SocketAddressSpec>> sockets;

    private ListeningSockets(Map<Protocol, List<SocketAddressSpec>> sockets) {
        this.sockets = sockets;
    }

    /** Those of this process's network namespace; none where the system does not tell. */
    public static ListeningSockets ofThisMachine() {
        return read(Path.of("/proc/net"));
    }

    static ListeningSockets read(Path folder) {
        return new ListeningSockets(Map.of(
                Protocol.TCP, both(folder, "tcp", TCP_LISTEN), Protocol.UDP, both(folder, "udp", UDP_UNCONNECTED)));
    }

    private static List<SocketAddressSpec> both(Path folder, String file, String state) {
        List<SocketAddressSpec> found = new ArrayList<>();
        for (String name : List.of(file, file + "6")) {
            List<String> lines = lines(folder.resolve(name));
            for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
                List<String> fields = List.of(line.strip().split("\\s+", -1));
                if (fields.size() > STATE && fields.get(STATE).equals(state)) {
                    found.add(socket(fields.get(ADDRESS)));
                }
            }
        }
        return List.copyOf(found);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return List.of(); // another system, or a kernel without that family
        }
    }

    /** {@code 0100007F:0050}: words of the address in the order of the machine, which is little-endian where podlb runs. */
    private static SocketAddressSpec socket(String field) {
        int colon = field.indexOf(':');
        byte[] address = HexFormat.of().parseHex(field, 0, colon);
        for (int word = 0; word < address.length; word += WORD) {
            swap(address, word, word + 3);
            swap(address, word + 1, word + 2);
        }
        int port = Integer.parseInt(field, colon + 1, field.length(), 16);
        try {
            return new SocketAddressSpec(InetAddresses.canonical(InetAddress.getByAddress(address)), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(field + " has neither 8 nor 32 digits", e);
        }
    }

    private static void swap(byte[] bytes, int a, int b) {
        byte kept = bytes[a];
        bytes[a] = bytes[b];
        bytes[b] = kept;
    }

    /** Which of them a bind to that address would meet; null if none. A wildcard meets every address of its port. */
    public @Nullable SocketAddressSpec inTheWayOf(Protocol protocol, SocketAddressSpec bind) {
        for (SocketAddressSpec socket : sockets.getOrDefault(protocol, List.of())) {
            if (socket.port() == bind.port()
                    && (socket.address().equals(bind.address())
                            || meets(socket.address(), bind.address())
                            || meets(bind.address(), socket.address()))) {
                return socket;
            }
        }
        return null;
    }

    /** The wildcard of IPv6 takes IPv4 too unless told otherwise, as most servers do not. */
    private static boolean meets(InetAddress wildcard, InetAddress other) {
        return wildcard.isAnyLocalAddress()
                && (wildcard.getAddress().length == other.getAddress().length
                        || wildcard.getAddress().length > other.getAddress().length);
    }
}
