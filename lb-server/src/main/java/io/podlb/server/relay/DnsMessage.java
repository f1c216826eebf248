package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;

/**
 * What it takes of a DNS message (RFC 1035, section 4.1) to tell requests from anything else, and to tell which request
 * an answer is for. Pure; reads buffers without moving their indices.
 *
 * <p>A message counts only if it is well formed from the first byte to the last one, so that nothing else is taken for
 * one: the identifier of what counts is replaced.
 */
final class DnsMessage {

    private static final int HEADER = 12;
    private static final int FLAGS = 2;
    private static final int QUESTIONS = 4;
    private static final int RESPONSE = 0x8000;
    private static final int OPCODE = 0x7800;
    private static final int RCODE = 0x000f;
    private static final int MAX_LABEL = 63;
    private static final int POINTER = 0xc0;
    private static final int TYPE_AND_CLASS = 4;
    private static final int TTL_AND_LENGTH = 6;

    private DnsMessage() {}

    /**
     * Whether it is a request. One has at most one question (RFC 9619), or zone (RFC 2136), or none (RFC 7873,
     * section 5.4).
     */
    static boolean isRequest(ByteBuf message) {
        int length = message.readableBytes();
        if (length < HEADER || (flags(message) & RESPONSE) != 0 || count(message, 0) > 1) {
            return false;
        }
        int at = HEADER;
        if (count(message, 0) == 1) {
            at = afterQuestion(message);
        }
        int records = count(message, 1) + count(message, 2) + count(message, 3);
        for (int i = 0; i < records && at > 0; i++) {
            at = afterRecord(message, at);
        }
        return at == length;
    }

    static int id(ByteBuf message) {
        return message.getUnsignedShort(message.readerIndex());
    }

    static void id(ByteBuf message, int id) {
        message.setShort(message.readerIndex(), id);
    }

    /** Header and question of a request: all that {@link #answers} needs of it. */
    static byte[] head(ByteBuf request) {
        byte[] head = new byte[count(request, 0) == 0 ? HEADER : afterQuestion(request)];
        request.getBytes(request.readerIndex(), head);
        return head;
    }

    /** Whether a message is long enough to have an identifier and says that it is an answer. */
    static boolean isAnswer(ByteBuf message) {
        return message.readableBytes() >= HEADER && (flags(message) & RESPONSE) != 0;
    }

    /**
     * Whether an answer repeats the operation and the question of a request (RFC 5452, section 9.1); names are equal
     * whatever their case (RFC 4343). An answer without a question will do where the request has none, for an error,
     * and for an update (RFC 2136, section 3.8).
     *
     * @param head see {@link #head}
     */
    static boolean answers(ByteBuf answer, byte[] head) {
        int flags = (head[FLAGS] & 0xff) << 8 | head[FLAGS + 1] & 0xff;
        if (((flags ^ flags(answer)) & OPCODE) != 0) {
            return false;
        }
        int questions = count(answer, 0);
        if (questions == 0) {
            return head.length == HEADER || (flags & OPCODE) != 0 || (flags(answer) & RCODE) != 0;
        }
        return questions == 1 && head.length > HEADER && sameQuestion(answer, head);
    }

    private static boolean sameQuestion(ByteBuf answer, byte[] head) {
        if (answer.readableBytes() < head.length) {
            return false;
        }
        int name = head.length - TYPE_AND_CLASS;
        for (int i = HEADER; i < head.length; i++) {
            int one = head[i];
            int other = answer.getByte(answer.readerIndex() + i);
            if (one != other && (i >= name || lowerCase(one) != lowerCase(other))) {
                return false;
            }
        }
        return true;
    }

    private static int lowerCase(int octet) {
        return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet; // never the length of a label
    }

    /** The offset behind the question; -1 if it is malformed. */
    private static int afterQuestion(ByteBuf message) {
        int at = afterName(message, HEADER, false);
        return at < 0 ? -1 : within(message, at + TYPE_AND_CLASS);
    }

    private static int afterRecord(ByteBuf message, int offset) {
        int at = afterName(message, offset, true);
        int data = at < 0 ? -1 : within(message, at + TYPE_AND_CLASS + TTL_AND_LENGTH);
        return data < 0 ? -1 : within(message, data + message.getUnsignedShort(message.readerIndex() + data - 2));
    }

    private static int afterName(ByteBuf message, int offset, boolean mayPoint) {
        int at = offset;
        while (at < message.readableBytes()) {
            int label = message.getUnsignedByte(message.readerIndex() + at);
            if (label == 0) {
                return at + 1;
            }
            if (label > MAX_LABEL) {
                return mayPoint && label >= POINTER ? within(message, at + 2) : -1;
            }
            at += 1 + label;
        }
        return -1;
    }

    private static int within(ByteBuf message, int offset) {
        return offset <= message.readableBytes() ? offset : -1;
    }

    private static int flags(ByteBuf message) {
        return message.getUnsignedShort(message.readerIndex() + FLAGS);
    }

    private static int count(ByteBuf message, int section) {
        return message.getUnsignedShort(message.readerIndex() + QUESTIONS + 2 * section);
    }
}
