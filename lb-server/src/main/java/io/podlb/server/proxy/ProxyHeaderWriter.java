package io.podlb.server.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.nio.charset.StandardCharsets;

/**
 * Writes headers. Addresses of two families cannot be said in one, so that then it is that of an unknown client.
 *
 * <p>Written by hand as they are read; see {@link ProxyHeaderReader}.
 */
public final class ProxyHeaderWriter {

    /** Namespace of the Service. This and the next two are of the range that the specification leaves to users. */
    public static final byte NAMESPACE = (byte) 0xE0;

    /** Name of the Service. */
    public static final byte SERVICE = (byte) 0xE1;

    /** Name of the Service's port; not there where it has none. */
    public static final byte PORT_NAME = (byte) 0xE2;

    private static final int ROOM = 256; // more than the longest names of Kubernetes need

    private ProxyHeaderWriter() {}

    /**
     * A header of version 1, one line.
     *
     * @return released by the caller
     */
    public static ByteBuf v1(SocketAddressSpec source, SocketAddressSpec destination) {
        String line = source.family() != destination.family()
                ? "PROXY UNKNOWN\r\n"
                : String.join(
                        " ",
                        "PROXY",
                        source.family() == IpFamily.IPV4 ? "TCP4" : "TCP6",
                        source.address().getHostAddress(),
                        destination.address().getHostAddress(),
                        Integer.toString(source.port()),
                        destination.port() + "\r\n");
        ByteBuf header = ByteBufAllocator.DEFAULT.directBuffer(ROOM);
        header.writeCharSequence(line, StandardCharsets.US_ASCII);
        return header;
    }

    /**
     * A header of version 2, with a checksum (CRC32c), the number of the connection in decimal digits (UNIQUE_ID), and
     * the Service.
     *
     * @return released by the caller
     */
    public static ByteBuf v2(SocketAddressSpec source, SocketAddressSpec destination, long id, ServicePortName port) {
        ByteBuf header = ByteBufAllocator.DEFAULT.directBuffer(ROOM);
        header.writeBytes(V2.SIGNATURE).writeByte(V2.PROXY);
        if (source.family() == destination.family()) {
            header.writeByte(source.family() == IpFamily.IPV4 ? V2.TCP4 : V2.TCP6)
                    .writeShort(0)
                    .writeBytes(source.address().getAddress())
                    .writeBytes(destination.address().getAddress())
                    .writeShort(source.port())
                    .writeShort(destination.port());
        } else {
            header.writeByte(V2.UNSPECIFIED).writeShort(0);
        }
        int checksum = header.writerIndex() + V2.FIELD_HEAD_BYTES;
        header.writeByte(V2.CRC32C).writeShort(Integer.BYTES).writeInt(0);
        field(header, V2.UNIQUE_ID, Long.toString(id));
        field(header, NAMESPACE, port.namespace());
        field(header, SERVICE, port.service());
        if (!port.port().isEmpty()) {
            field(header, PORT_NAME, port.port());
        }
        header.setShort(V2.LENGTH_AT, header.readableBytes() - V2.FIXED_BYTES);
        header.setInt(checksum, V2.crc32c(header, checksum));
        return header;
    }

    private static void field(ByteBuf header, byte type, String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        header.writeByte(type).writeShort(bytes.length).writeBytes(bytes);
    }
}
