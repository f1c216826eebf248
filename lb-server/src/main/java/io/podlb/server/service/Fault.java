package io.podlb.server.service;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong on the way between podlb and a backend, on purpose. Clients see what they would see behind a Service
 * with a Pod that does this.
 *
 * <p>{@link Refuse}, {@link Blackhole}, {@link Reset} and {@link Silent} take the place of the Pod, which is not called at
 * all; of several for one connection the first one counts. All others change what passes, and add up: delays are summed,
 * the narrowest bandwidth and the earliest cut count. Positions are bytes of a stream from 0, as its sender counts them.
 */
public sealed interface Fault {

    /** The word for it in the grammar of rules, and in metrics. */
    String label();

    /** What the grammar puts after the word; empty for nothing. */
    default String value() {
        return "";
    }

    /** The way that it affects; null for what takes the place of the Pod. */
    default @Nullable Direction direction() {
        return null;
    }

    /** Whether it can be done to connections or flows of that protocol. */
    default boolean fits(Protocol protocol) {
        return protocol == Protocol.TCP;
    }

    /** The way that is affected. */
    enum Direction {
        TO_BACKEND("backend"),
        TO_CLIENT("client"),
        BOTH("both");

        private final String label;

        Direction(String label) {
            this.label = label;
        }

        /** The spelling in the grammar of rules. */
        public String label() {
            return label;
        }

        /** Whether one of the two single ways is affected. */
        public boolean covers(Direction one) {
            return this == BOTH || this == one;
        }
    }

    /**
     * Positions of bytes in a stream.
     *
     * @param from the first one
     * @param to the first one after them; {@link Long#MAX_VALUE}: all that follow
     */
    record ByteRange(long from, long to) {

        public ByteRange {
            if (from < 0 || to <= from) {
                throw new IllegalArgumentException("bytes: " + from + ".." + to + " (expected: from 0, not empty)");
            }
        }

        /** {@code 10..20}, or {@code 10..} without an end. */
        @Override
        public String toString() {
            return from + ".." + (to == Long.MAX_VALUE ? "" : to);
        }
    }

    /** The connect is refused; podlb tries another backend. */
    record Refuse() implements Fault {

        @Override
        public String label() {
            return "refuse";
        }
    }

    /** The connect never completes; podlb tries another backend once its own time is over. */
    record Blackhole() implements Fault {

        @Override
        public String label() {
            return "blackhole";
        }
    }

    /** The connect completes, and the connection is reset at once. */
    record Reset() implements Fault {

        @Override
        public String label() {
            return "reset";
        }
    }

    /** The connect completes and all bytes are taken, but nothing ever comes back, the end of the stream included. */
    record Silent() implements Fault {

        @Override
        public String label() {
            return "silent";
        }
    }

    /**
     * Bytes, the ends of streams and datagrams are on their way for longer. Streams stay in order; datagrams overtake each
     * other if the jitter lets them.
     *
     * @param delay the mean
     * @param jitter most that it differs, either way, evenly distributed; not more than the delay
     */
    record Latency(Direction direction, Duration delay, Duration jitter) implements Fault {

        public Latency {
            positive("delay", delay);
            if (jitter.isNegative() || jitter.compareTo(delay) > 0) {
                throw new IllegalArgumentException("jitter: " + jitter + " (expected: from zero to the delay)");
            }
        }

        @Override
        public String label() {
            return "latency";
        }

        @Override
        public String value() {
            return FaultText.write(delay) + (jitter.isZero() ? "" : "~" + FaultText.write(jitter));
        }

        @Override
        public boolean fits(Protocol protocol) {
            return protocol != Protocol.SCTP;
        }
    }

    /** No more bytes pass in any second, in small pieces. */
    record Bandwidth(Direction direction, long bytesPerSecond) implements Fault {

        public Bandwidth {
            if (bytesPerSecond < 1) {
                throw new IllegalArgumentException("bytesPerSecond: " + bytesPerSecond + " (expected: at least 1)");
            }
        }

        @Override
        public String label() {
            return "bandwidth";
        }

        @Override
        public String value() {
            return Long.toString(bytesPerSecond);
        }
    }

    /** The end of a stream comes later than its last byte. */
    record CloseDelay(Direction direction, Duration delay) implements Fault {

        public CloseDelay {
            positive("delay", delay);
        }

        @Override
        public String label() {
            return "close-delay";
        }

        @Override
        public String value() {
            return FaultText.write(delay);
        }
    }

    /** The end of a stream is never passed on. */
    record HalfOpen(Direction direction) implements Fault {

        @Override
        public String label() {
            return "half-open";
        }
    }

    /**
     * The backend resets the connection once so many bytes of a stream have got through; a client that reads gets exactly
     * these.
     */
    record Cut(Direction direction, long afterBytes) implements Fault {

        public Cut {
            if (afterBytes < 0) {
                throw new IllegalArgumentException("afterBytes: " + afterBytes + " (expected: zero or more)");
            }
        }

        @Override
        public String label() {
            return "cut";
        }

        @Override
        public String value() {
            return Long.toString(afterBytes);
        }
    }

    /** Every bit of these bytes arrives inverted. */
    record Corrupt(Direction direction, List<ByteRange> bytes) implements Fault {

        public Corrupt {
            bytes = some(bytes);
        }

        @Override
        public String label() {
            return "corrupt";
        }

        @Override
        public String value() {
            return FaultText.write(bytes);
        }
    }

    /** These bytes never arrive, those behind them do. */
    record Drop(Direction direction, List<ByteRange> bytes) implements Fault {

        public Drop {
            bytes = some(bytes);
        }

        @Override
        public String label() {
            return "drop";
        }

        @Override
        public String value() {
            return FaultText.write(bytes);
        }
    }

    /** Datagrams that get lost. */
    record Loss(Direction direction, Share share) implements Fault {

        @Override
        public String label() {
            return "loss";
        }

        @Override
        public String value() {
            return share.toString();
        }

        @Override
        public boolean fits(Protocol protocol) {
            return protocol == Protocol.UDP;
        }
    }

    /** Datagrams that arrive twice. */
    record Duplicate(Direction direction, Share share) implements Fault {

        @Override
        public String label() {
            return "duplicate";
        }

        @Override
        public String value() {
            return share.toString();
        }

        @Override
        public boolean fits(Protocol protocol) {
            return protocol == Protocol.UDP;
        }
    }

    /** Datagrams that the next one of their flow overtakes; if there is none within a second, they arrive then. */
    record Reorder(Direction direction, Share share) implements Fault {

        @Override
        public String label() {
            return "reorder";
        }

        @Override
        public String value() {
            return share.toString();
        }

        @Override
        public boolean fits(Protocol protocol) {
            return protocol == Protocol.UDP;
        }
    }

    /**
     * A probability.
     *
     * @param perMillion 1 to {@link #ALL}
     */
    record Share(int perMillion) {

        public static final int ALL = 1_000_000;

        public Share {
            if (perMillion < 1 || perMillion > ALL) {
                throw new IllegalArgumentException("perMillion: " + perMillion + " (expected: 1 to " + ALL + ")");
            }
        }

        /** {@code 12.5%}. */
        @Override
        public String toString() {
            return BigDecimal.valueOf(perMillion, 4).stripTrailingZeros().toPlainString() + "%";
        }
    }

    private static void positive(String name, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(FaultText.LONGEST) > 0) {
            throw new IllegalArgumentException(
                    name + ": " + value + " (expected: positive, at most " + FaultText.LONGEST.toDays() + " days)");
        }
    }

    private static List<ByteRange> some(List<ByteRange> bytes) {
        if (bytes.isEmpty()) {
            throw new IllegalArgumentException("bytes: none (expected: at least one range)");
        }
        return List.copyOf(bytes);
    }
}
