package io.podlb.server.proxy;

import io.netty.buffer.ByteBuf;
import java.util.zip.CRC32C;

/** Numbers of version 2, section 2.2 of the specification. */
final class V2 {

    static final byte[] SIGNATURE = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    static final int COMMAND_AT = 12;
    static final int FAMILY_AT = 13;
    static final int LENGTH_AT = 14;
    static final int FIXED_BYTES = 16;

    /** Type and length of a field. */
    static final int FIELD_HEAD_BYTES = 3;

    static final byte LOCAL = 0x20;
    static final byte PROXY = 0x21;

    static final int UNSPECIFIED = 0x00;
    static final int TCP4 = 0x11;
    static final int UDP4 = 0x12;
    static final int TCP6 = 0x21;
    static final int UDP6 = 0x22;
    static final int UNIX_STREAM = 0x31;
    static final int UNIX_DATAGRAM = 0x32;

    static final byte CRC32C = 0x03;
    static final byte UNIQUE_ID = 0x05;

    private V2() {}

    /** Checksum of a header as if its own field, which is at that index, were zero. */
    static int crc32c(ByteBuf header, int field) {
        CRC32C checksum = new CRC32C();
        checksum.update(header.nioBuffer(header.readerIndex(), field - header.readerIndex()));
        checksum.update(new byte[Integer.BYTES]);
        int after = field + Integer.BYTES;
        checksum.update(header.nioBuffer(after, header.writerIndex() - after));
        return (int) checksum.getValue();
    }
}
