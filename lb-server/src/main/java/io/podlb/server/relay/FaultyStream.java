package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.podlb.server.fault.StreamFaults;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The stream that one side of a session sends, with the faults that were asked for: what the side has read comes back to
 * it when and as it gets through.
 *
 * <p>What waits is bounded: the side is not read while it is too much. So a delay bounds the throughput too, as a window
 * does: {@link #MAX_WAITING} for each delay.
 *
 * <p>Ownership: a buffer is given back to the side or released. Timers are those of the event loop, since the wheel's are
 * too coarse for a delay. Thread rule: the event loop of the session.
 */
final class FaultyStream {

    /** In bytes; each buffer counts as {@link #LEAST_COST} at least, since it costs memory however small it is. */
    private static final int MAX_WAITING = 1024 * 1024;

    private static final int LEAST_COST = 512;

    /** A narrow stream passes in that many pieces each second, or byte by byte. */
    private static final int PIECES = 50;

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private enum Kind {
        BYTES,
        END,
        LOST,
        CUT
    }

    private record Item(Kind kind, @Nullable ByteBuf content, int cost, long dueNanos) {}

    private final Side side;
    private final StreamFaults faults;
    private final EventLoop loop;
    private final Deque<Item> waiting = new ArrayDeque<>(2);
    private int waitingCost;
    private long lastDueNanos;
    private long freeNanos; // when the piece before was through
    private @Nullable Future<?> timer;
    private boolean passing;
    private boolean complete; // nothing but a loss may follow
    private boolean discarded;

    FaultyStream(Side side, StreamFaults faults, EventLoop loop) {
        this.side = side;
        this.faults = faults;
        this.loop = loop;
        this.lastDueNanos = now();
        this.freeNanos = lastDueNanos;
    }

    private long now() {
        return loop.ticker().nanoTime();
    }

    /** The sides are joined: a stream that is cut before its first byte is cut now. */
    void begin() {
        if (faults.isCutAtOnce()) {
            complete = true;
            add(Kind.CUT, null, 0);
        }
    }

    /** Bytes that the side has read. */
    void received(ByteBuf content) {
        if (complete || discarded) {
            content.release();
            return;
        }
        ByteBuf left = faults.pass(content);
        boolean cut = faults.isCut();
        complete = cut;
        if (left != null) {
            add(Kind.BYTES, left, 0);
        }
        if (cut) {
            add(Kind.CUT, null, 0);
        }
    }

    /** The peer's stream is complete. */
    void ended() {
        if (!complete) {
            complete = true;
            if (faults.passesEnd()) {
                add(Kind.END, null, faults.closeDelayNanos());
            }
        }
    }

    /** The peer's stream was cut off. */
    void lost() {
        if (!faults.isCut()) {
            complete = true;
            add(Kind.LOST, null, 0);
        }
    }

    private void add(Kind kind, @Nullable ByteBuf content, long moreNanos) {
        if (discarded) {
            if (content != null) {
                content.release();
            }
            return;
        }
        long delay = (kind == Kind.CUT ? 0 : faults.delayNanos()) + moreNanos; // a cut follows its last byte at once
        // Nothing waits longer than what came before it was due, nor overtakes it.
        lastDueNanos = Math.max(lastDueNanos, now() + delay);
        ByteBuf own = content;
        if (content != null && (delay > 0 || !waiting.isEmpty())) {
            own = UdpFlow.copy(content); // what waits holds no receive buffer
            content.release();
        }
        int cost = own == null ? 0 : Math.max(LEAST_COST, own.readableBytes());
        waitingCost += cost;
        waiting.addLast(new Item(kind, own, cost, lastDueNanos));
        pass();
    }

    /** Passes on what is due. */
    private void pass() {
        if (passing) {
            return;
        }
        passing = true;
        try {
            Item next = waiting.peekFirst();
            while (next != null && passes(next)) {
                next = waiting.peekFirst();
            }
        } finally {
            passing = false;
        }
    }

    /** Passes on an item, or the next piece of it; false if it is not due, and then a timer is set. */
    private boolean passes(Item item) {
        ByteBuf content = item.content();
        long rate = content == null ? Long.MAX_VALUE : faults.bytesPerSecond();
        int length = content == null ? 0 : content.readableBytes();
        long readyNanos = item.dueNanos();
        if (rate != Long.MAX_VALUE) {
            length = (int) Math.min(length, Math.max(1, rate / PIECES));
            readyNanos = Math.max(freeNanos, readyNanos) + Math.max(1, (long) ((double) length * SECOND / rate));
        }
        long left = readyNanos - now();
        if (left > 0) {
            wake(left);
            return false;
        }
        freeNanos = readyNanos;
        if (content != null && length < content.readableBytes()) {
            side.forward(content.readRetainedSlice(length));
            return true;
        }
        waiting.removeFirst();
        waitingCost -= item.cost();
        deliver(item.kind(), content);
        return true;
    }

    private void wake(long nanos) {
        Future<?> before = timer;
        if (before != null) {
            before.cancel(false);
        }
        timer = loop.schedule(
                () -> {
                    timer = null;
                    passLate();
                },
                nanos,
                TimeUnit.NANOSECONDS);
    }

    private void passLate() {
        try {
            pass();
            side.readIfWanted();
        } catch (RuntimeException e) {
            side.failed(e); // nobody else would hear of it
        }
    }

    private void deliver(Kind kind, @Nullable ByteBuf content) {
        switch (kind) {
            case BYTES -> {
                if (content != null) {
                    side.forward(content);
                }
            }
            case END -> side.endInput();
            case LOST, CUT -> side.loseInput();
        }
    }

    /** Whether the side may be read on. */
    boolean takesMore() {
        return !complete && waitingCost < MAX_WAITING;
    }

    /** Whether it ends by a reset that its sender knows nothing of. */
    boolean isCut() {
        return faults.isCut();
    }

    boolean isIdle() {
        return waiting.isEmpty();
    }

    /** Releases what waits; nothing comes back any more. */
    void discard() {
        discarded = true;
        Future<?> now = timer;
        if (now != null) {
            timer = null;
            now.cancel(false);
        }
        Item next = waiting.pollFirst();
        while (next != null) {
            if (next.content() != null) {
                next.content().release();
            }
            next = waiting.pollFirst();
        }
        waitingCost = 0;
    }
}
