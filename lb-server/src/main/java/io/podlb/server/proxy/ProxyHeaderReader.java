package io.podlb.server.proxy;

import io.netty.buffer.ByteBuf;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a header of version 1 or 2 and takes nothing but the letter of the specification.
 *
 * <p>Netty's decoder is made for the pipeline of a channel, which sockets on a ring do not have; it also checks no
 * CRC32c. Tests hold the two against each other.
 */
public final class ProxyHeaderReader {

    /** Longest header of version 1, with its line end. */
    static final int V1_MAX_BYTES = 107;

    /** Longest header of version 2 that is taken; the specification asks for 536 bytes at least. */
    static final int V2_MAX_BYTES = 4096;

    private static final byte[] V1_SIGNATURE = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final String EXPECTED_V1 = " (expected: PROXY TCP4|TCP6 source destination port port, or UNKNOWN)";

    private ProxyHeaderReader() {}

    /**
     * Reads the header that a stream begins with. What follows it stays in the buffer.
     *
     * @param bytes all of the stream so far; its reader index moves behind the header once that is complete
     * @return null: more bytes are needed
     * @throws IllegalArgumentException if no header begins like this, as a clause
     */
    public static @Nullable ProxyHeader read(ByteBuf bytes) {
        if (!bytes.isReadable()) {
            return null;
        }
        boolean v2 = bytes.getByte(bytes.readerIndex()) == V2.SIGNATURE[0];
        requireSignature(bytes, v2 ? V2.SIGNATURE : V1_SIGNATURE);
        return v2 ? readV2(bytes) : readV1(bytes);
    }

    private static void requireSignature(ByteBuf bytes, byte[] signature) {
        int known = Math.min(bytes.readableBytes(), signature.length);
        for (int i = 0; i < known; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != signature[i]) {
                throw new IllegalArgumentException("the stream begins with no PROXY protocol header");
            }
        }
    }

    private static @Nullable ProxyHeader readV1(ByteBuf bytes) {
        int start = bytes.readerIndex();
        int known = Math.min(bytes.readableBytes(), V1_MAX_BYTES);
        int lineFeed = bytes.indexOf(start, start + known, (byte) '\n');
        if (lineFeed < 0) {
            if (known == V1_MAX_BYTES) {
                throw new IllegalArgumentException("no line end within " + V1_MAX_BYTES + " bytes");
            }
            return null;
        }
        if (bytes.getByte(lineFeed - 1) != '\r') {
            throw new IllegalArgumentException("a line feed without a carriage return before it");
        }
        ProxyHeader header = line(bytes.toString(start, lineFeed - 1 - start, StandardCharsets.ISO_8859_1));
        bytes.readerIndex(lineFeed + 1);
        return header;
    }

    private static ProxyHeader line(String line) {
        String[] words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return ProxyHeader.NOTHING_ANNOUNCED; // whatever else the line says
        }
        boolean ipv6 = words[1].equals("TCP6");
        if (!ipv6 && !words[1].equals("TCP4") || words.length != 6) {
            throw new IllegalArgumentException("a malformed line" + EXPECTED_V1);
        }
        return ProxyHeader.of(
                new SocketAddressSpec(address(words[2], ipv6), port(words[4])),
                new SocketAddressSpec(address(words[3], ipv6), port(words[5])));
    }

    private static InetAddress address(String text, boolean ipv6) {
        if (ipv6 != text.indexOf(':') >= 0) {
            throw new IllegalArgumentException("an address of the wrong family" + EXPECTED_V1);
        }
        return InetAddresses.parse(text);
    }

    private static int port(String text) {
        int port = text.matches("0|[1-9][0-9]{0,4}") ? Integer.parseInt(text) : -1;
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("a malformed port" + EXPECTED_V1);
        }
        return port;
    }

    private static @Nullable ProxyHeader readV2(ByteBuf bytes) {
        if (bytes.readableBytes() < V2.FIXED_BYTES) {
            return null;
        }
        int start = bytes.readerIndex();
        boolean local = isLocal(bytes.getByte(start + V2.COMMAND_AT));
        int family = bytes.getUnsignedByte(start + V2.FAMILY_AT);
        int length = V2.FIXED_BYTES + bytes.getUnsignedShort(start + V2.LENGTH_AT);
        if (length > V2_MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a header of " + length + " bytes (expected: at most " + V2_MAX_BYTES + ")");
        }
        // The block of a LOCAL header is to be skipped unseen, its family included.
        int addresses = local ? 0 : addressBytes(family);
        if (length < V2.FIXED_BYTES + addresses) {
            throw new IllegalArgumentException("a header that ends within its addresses");
        }
        if (bytes.readableBytes() < length) {
            return null;
        }
        ByteBuf header = bytes.readSlice(length);
        if (local) {
            return ProxyHeader.NOTHING_ANNOUNCED;
        }
        checkFields(header, V2.FIXED_BYTES + addresses);
        return switch (family) {
            case V2.TCP4 -> announced(header, 4);
            case V2.TCP6 -> announced(header, 16);
            default -> ProxyHeader.NOTHING_ANNOUNCED;
        };
    }

    private static boolean isLocal(byte versionAndCommand) {
        return switch (versionAndCommand) {
            case V2.LOCAL -> true;
            case V2.PROXY -> false;
            default ->
                throw new IllegalArgumentException(
                        "version and command " + hex(versionAndCommand) + " (expected: 0x20 or 0x21)");
        };
    }

    private static int addressBytes(int family) {
        return switch (family) {
            case V2.UNSPECIFIED -> 0;
            case V2.TCP4, V2.UDP4 -> 12;
            case V2.TCP6, V2.UDP6 -> 36;
            case V2.UNIX_STREAM, V2.UNIX_DATAGRAM -> 216;
            default -> throw new IllegalArgumentException("an undefined family " + hex((byte) family));
        };
    }

    private static String hex(byte value) {
        return String.format("0x%02x", value);
    }

    private static ProxyHeader announced(ByteBuf header, int addressBytes) {
        int ports = V2.FIXED_BYTES + 2 * addressBytes;
        return ProxyHeader.of(
                new SocketAddressSpec(address(header, V2.FIXED_BYTES, addressBytes), header.getUnsignedShort(ports)),
                new SocketAddressSpec(
                        address(header, V2.FIXED_BYTES + addressBytes, addressBytes),
                        header.getUnsignedShort(ports + 2)));
    }

    private static InetAddress address(ByteBuf header, int at, int addressBytes) {
        byte[] bytes = new byte[addressBytes];
        header.getBytes(at, bytes);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    /** The fields behind the addresses fill the header to its end, and its CRC32c is right if it has one. */
    private static void checkFields(ByteBuf header, int from) {
        int checksum = -1;
        int at = from;
        while (at < header.readableBytes()) {
            int value = at + V2.FIELD_HEAD_BYTES;
            int next = value <= header.readableBytes() ? value + header.getUnsignedShort(at + 1) : value;
            if (next > header.readableBytes()) {
                throw new IllegalArgumentException("a field that ends beyond the header");
            }
            if (header.getByte(at) == V2.CRC32C) {
                if (checksum >= 0 || next - value != Integer.BYTES) {
                    throw new IllegalArgumentException("a malformed CRC32c");
                }
                checksum = value;
            }
            at = next;
        }
        if (checksum >= 0 && header.getInt(checksum) != V2.crc32c(header, checksum)) {
            throw new IllegalArgumentException("a CRC32c that does not match");
        }
    }
}
