package io.podlb.control.source;

import java.io.IOException;
import java.io.Reader;
import java.util.Objects;

/**
 * Hands out one document, and no more than a bounded piece of it between two events of the parser: a scalar of 100 MB
 * ends here while it is being scanned.
 */
final class GuardedReader extends Reader {

    /** More than an object may have in etcd (1.5 MiB). */
    static final int MAX_SCALAR_CHARS = 2 << 20;

    private final String text;
    private final int to;
    private int at;
    private int sinceEvent;

    GuardedReader(String text, Chunk chunk) {
        this.text = text;
        this.at = chunk.from();
        this.to = chunk.to();
    }

    /** The parser has finished a piece. */
    void event() {
        sinceEvent = 0;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (at == to) {
            return -1;
        }
        int count = Math.min(length, to - at);
        sinceEvent += count;
        if (sinceEvent > MAX_SCALAR_CHARS) {
            throw new TooLongException();
        }
        text.getChars(at, at + count, target, offset);
        at += count;
        return count;
    }

    @Override
    public void close() {}

    /** One piece is longer than {@link #MAX_SCALAR_CHARS}. */
    static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1;
    }
}
