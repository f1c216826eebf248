package io.podlb.server.relay;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.Future;
import io.podlb.server.fault.DatagramFaults;
import io.podlb.server.service.DatagramDrop;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams that go one way in a flow, with the faults that were asked for. What waits counts as kept by the flow
 * table, and is lost where that keeps too much.
 *
 * <p>Ownership: a datagram is handed on or released. Thread rule: the event loop of the flow.
 */
final class FaultyDatagrams {

    /** How long a datagram waits to be overtaken. */
    private static final long OVERTAKEN_WITHIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final UdpFront front;
    private final DatagramFaults faults;
    private final Set<Waiting> waiting = new HashSet<>();
    private @Nullable Waiting late; // waits to be overtaken; among those that wait
    private int passing; // copies of datagrams that are being handed on at the moment
    private boolean discarded;

    FaultyDatagrams(UdpFront front, DatagramFaults faults) {
        this.front = front;
        this.faults = faults;
    }

    /** One datagram that comes later. */
    private final class Waiting implements Runnable {
        private final ByteBuf content;
        private final Runnable then;
        private final Future<?> timer;

        Waiting(ByteBuf content, long nanos, Runnable then) {
            this.content = content;
            this.then = then;
            front.loop().table().held(content.readableBytes());
            waiting.add(this);
            this.timer = front.loop().eventLoop().schedule(this, nanos, TimeUnit.NANOSECONDS);
        }

        @Override
        public void run() {
            if (leave()) {
                then.run();
                front.loop().flush();
            }
        }

        boolean leave() {
            boolean waited = waiting.remove(this);
            if (waited) {
                front.loop().table().held(-content.readableBytes());
            }
            return waited;
        }
    }

    /**
     * Hands a datagram on, now or later, once or twice or never.
     *
     * @param content of this from now on
     * @param to gets what gets through, and releases it
     */
    void pass(ByteBuf content, Consumer<ByteBuf> to) {
        if (faults.loses()) {
            content.release();
            front.drop(DatagramDrop.FAULT);
            return;
        }
        boolean twice = faults.duplicates();
        if (late == null && faults.reorders()) {
            late = hold(content, OVERTAKEN_WITHIN_NANOS, () -> {
                late = null;
                send(content, twice, to);
            });
            return;
        }
        Waiting overtaken = late;
        send(content, twice, to);
        if (overtaken != null && overtaken.leave()) {
            overtaken.timer.cancel(false);
            overtaken.then.run();
        }
    }

    private void send(ByteBuf content, boolean twice, Consumer<ByteBuf> to) {
        passing++;
        if (twice) {
            passing++;
            send(content.copy(), to);
        }
        send(content, to);
    }

    private void send(ByteBuf content, Consumer<ByteBuf> to) {
        passing--;
        long delay = faults.delayNanos();
        if (discarded) {
            content.release();
        } else if (delay == 0) {
            to.accept(content);
        } else {
            Waiting unused = hold(content, delay, () -> to.accept(content));
        }
    }

    private @Nullable Waiting hold(ByteBuf content, long nanos, Runnable then) {
        if (front.loop().table().holdsTooMuch()) {
            content.release();
            front.drop(DatagramDrop.FAULT);
            return null;
        }
        return new Waiting(content, nanos, then);
    }

    /** Whether nothing is going to follow what was handed on. */
    boolean isIdle() {
        return waiting.isEmpty() && passing == 0;
    }

    /** Releases what waits. */
    void discard() {
        discarded = true;
        for (Waiting one : Set.copyOf(waiting)) {
            if (one.leave()) {
                one.timer.cancel(false);
                one.content.release();
            }
        }
        late = null;
    }
}
