package io.podlb.server.fault;

import io.netty.buffer.ByteBuf;
import io.podlb.server.service.Fault;
import io.podlb.server.service.Fault.ByteRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is done to the stream that one side of a connection sends: bytes are inverted, then dropped, then cut off, in this
 * order. How long they take is asked here and waited for elsewhere.
 *
 * <p>Ownership: a buffer that comes in goes out or is released. Thread rule: the event loop of the connection.
 */
public final class StreamFaults {

    private final List<AppliedFault> faults;
    private long position; // bytes that the sender has sent
    private long passed; // bytes that got through
    private boolean cut;

    StreamFaults(List<AppliedFault> faults) {
        this.faults = faults;
    }

    /**
     * The next bytes of the stream, as they get through.
     *
     * @param content changed and returned, or released
     * @return null if none of them do
     */
    public @Nullable ByteBuf pass(ByteBuf content) {
        long from = position;
        position += content.readableBytes();
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.Corrupt corrupt && applied.isInForce()) {
                corrupt.bytes().forEach(range -> invert(content, from, range, applied));
            }
        }
        ByteBuf left = upToTheCut(withoutDropped(content, from));
        passed += left.readableBytes();
        if (left.isReadable()) {
            return left;
        }
        left.release();
        return null;
    }

    private void invert(ByteBuf content, long start, ByteRange range, AppliedFault applied) {
        long from = Math.max(range.from(), start);
        long to = Math.min(range.to(), position);
        for (long i = from; i < to; i++) {
            int index = content.readerIndex() + (int) (i - start);
            content.setByte(index, ~content.getByte(index));
            applied.met();
        }
    }

    private ByteBuf withoutDropped(ByteBuf content, long start) {
        ByteBuf left = null;
        long at = start;
        while (at < position) {
            long end = position; // of what is kept or dropped as one
            boolean drop = false;
            for (AppliedFault applied : faults) {
                if (applied.fault() instanceof Fault.Drop dropped && applied.isInForce()) {
                    for (ByteRange range : dropped.bytes()) {
                        if (range.from() <= at && at < range.to()) {
                            end = drop ? Math.max(end, Math.min(range.to(), position)) : Math.min(range.to(), position);
                            drop = true;
                            applied.met();
                        } else if (!drop && at < range.from()) {
                            end = Math.min(end, range.from());
                        }
                    }
                }
            }
            if (drop && left == null) {
                left = content.alloc().directBuffer(content.readableBytes());
                left.writeBytes(content, content.readerIndex(), (int) (at - start));
            } else if (!drop && left != null) {
                left.writeBytes(content, content.readerIndex() + (int) (at - start), (int) (end - at));
            }
            at = end;
        }
        if (left == null) {
            return content;
        }
        content.release();
        return left;
    }

    private ByteBuf upToTheCut(ByteBuf content) {
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.Cut at
                    && at.afterBytes() <= passed + content.readableBytes()
                    && applied.isInForce()) {
                applied.met();
                cut = true;
                content.writerIndex(content.readerIndex() + (int) Math.max(0, at.afterBytes() - passed));
            }
        }
        return content;
    }

    /** Whether the stream ends here, by a reset: nothing passes any more. */
    public boolean isCut() {
        return cut;
    }

    /** Whether it is cut before its first byte. */
    public boolean isCutAtOnce() {
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.Cut at && at.afterBytes() == 0 && applied.isInForce()) {
                applied.met();
                cut = true;
            }
        }
        return cut;
    }

    /** How long what has just come is on its way. */
    public long delayNanos() {
        return Delays.next(faults, false);
    }

    /** How much longer the end of the stream takes. */
    public long closeDelayNanos() {
        long nanos = 0;
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.CloseDelay close && applied.isInForce()) {
                applied.met();
                nanos += close.delay().toNanos();
            }
        }
        return nanos;
    }

    /** Whether the end of the stream is passed on. */
    public boolean passesEnd() {
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.HalfOpen && applied.isInForce()) {
                applied.met();
                return false;
            }
        }
        return true;
    }

    /** Bytes that pass in a second; {@link Long#MAX_VALUE} for no limit. */
    public long bytesPerSecond() {
        long least = Long.MAX_VALUE;
        for (AppliedFault applied : faults) {
            if (applied.fault() instanceof Fault.Bandwidth bandwidth && applied.isInForce()) {
                applied.met();
                least = Math.min(least, bandwidth.bytesPerSecond());
            }
        }
        return least;
    }
}
