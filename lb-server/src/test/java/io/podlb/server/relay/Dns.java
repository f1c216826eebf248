package io.podlb.server.relay;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** DNS messages as bytes, for tests. */
final class Dns {

    private static final int ADDITIONAL = 11;

    private Dns() {}

    /** A request with one question and a TXT record beside it, which tells clients apart that ask the same. */
    static byte[] request(int id, String name, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(header(id, 0x0100, 1, 0, 0, 1));
        out.writeBytes(question(name, 1));
        out.writeBytes(record(text));
        return out.toByteArray();
    }

    static byte[] header(int id, int flags, int... counts) {
        ByteBuffer header = ByteBuffer.allocate(12).putShort((short) id).putShort((short) flags);
        for (int count : counts) {
            header.putShort((short) count);
        }
        return header.array();
    }

    static byte[] question(String name, int type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String label : name.split("\\.")) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, (byte) (type >> 8), (byte) type, 0, 1});
        return out.toByteArray();
    }

    /** A TXT record of the root. */
    static byte[] record(String text) {
        byte[] data = text.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer record = ByteBuffer.allocate(12 + data.length);
        record.put((byte) 0).putShort((short) 16).putShort((short) 1).putInt(0);
        record.putShort((short) (data.length + 1)).put((byte) data.length).put(data);
        return record.array();
    }

    static int id(byte[] message) {
        return ByteBuffer.wrap(message).getShort(0) & 0xffff;
    }

    static byte[] withId(byte[] message, int id) {
        byte[] copy = message.clone();
        ByteBuffer.wrap(copy).putShort(0, (short) id);
        return copy;
    }

    /** The request itself as its answer, with another TXT record at the end. */
    static byte[] answer(byte[] request, String text) {
        byte[] record = record(text);
        ByteBuffer answer = ByteBuffer.allocate(request.length + record.length);
        answer.put(request).put(record);
        answer.put(2, (byte) (request[2] | 0x80)).put(ADDITIONAL, (byte) (request[ADDITIONAL] + 1));
        return answer.array();
    }

    /** The text of the last record. */
    static String text(byte[] message) {
        int at = message.length - 1;
        while (message[at] != message.length - at - 1) {
            at--;
        }
        return new String(message, at + 1, message[at], StandardCharsets.US_ASCII);
    }
}
