package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Coarse timers of one event loop: setting, moving and cancelling one is a few pointer writes, however many there are.
 * A hashed wheel after Varghese and Lauck (1987). A timer fires up to one tick late, never early.
 *
 * <p>Thread rule: its event loop only. It wakes the loop up only while there is a timer.
 */
final class TimerWheel {

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int SLOTS = 1024;

    private final EventLoop loop;
    private final long startNanos;
    private final @Nullable Timer[] slots = new @Nullable Timer[SLOTS];
    private long tick; // event loop
    private int timers; // event loop
    private boolean ticking; // event loop

    TimerWheel(EventLoop loop) {
        this.loop = loop;
        this.startNanos = loop.ticker().nanoTime();
    }

    /** Something with a deadline. Belongs to one wheel; every field is that wheel's. */
    abstract static class Timer {
        private @Nullable Timer previous;
        private @Nullable Timer next;
        private long deadlineTick = -1;

        /** The deadline has passed; the timer is no longer set. */
        abstract void expired();
    }

    /** Now, as of the last tick: cheap, and up to one tick behind. Exact while no timer is set. */
    long coarseNanos() {
        if (!ticking) {
            tick = currentTick();
        }
        return tick * TICK_NANOS;
    }

    /** Sets or moves a timer. */
    void schedule(Timer timer, long delayNanos) {
        cancel(timer);
        if (!ticking) {
            tick = currentTick();
            ticking = true;
            scheduleTick();
        }
        // Measured from the current time and not from the last tick, and rounded up: never early.
        long deadlineNanos = loop.ticker().nanoTime() - startNanos + delayNanos;
        timer.deadlineTick = Math.max(tick + 1, (deadlineNanos + TICK_NANOS - 1) / TICK_NANOS);
        int slot = slot(timer.deadlineTick);
        Timer head = slots[slot];
        timer.next = head;
        if (head != null) {
            head.previous = timer;
        }
        slots[slot] = timer;
        timers++;
    }

    void cancel(Timer timer) {
        if (timer.deadlineTick < 0) {
            return;
        }
        Timer previous = timer.previous;
        Timer next = timer.next;
        if (previous == null) {
            slots[slot(timer.deadlineTick)] = next;
        } else {
            previous.next = next;
        }
        if (next != null) {
            next.previous = previous;
        }
        timer.previous = null;
        timer.next = null;
        timer.deadlineTick = -1;
        timers--;
    }

    private void scheduleTick() {
        loop.schedule(this::advance, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    private void advance() {
        long now = currentTick();
        // After a long pause every slot is visited once and no more.
        long first = Math.max(tick + 1, now - SLOTS + 1);
        tick = now; // before anything expires: what measures by it would take the pause for time that is left
        for (long t = first; t <= now; t++) {
            expire(slot(t), now);
        }
        if (timers > 0) {
            scheduleTick();
        } else {
            ticking = false;
        }
    }

    private void expire(int slot, long now) {
        Timer timer = slots[slot];
        while (timer != null) {
            Timer next = timer.next;
            if (timer.deadlineTick <= now) {
                cancel(timer);
                timer.expired();
                // What expired may have changed the list in any way.
                next = slots[slot];
                while (next != null && next.deadlineTick > now) {
                    next = next.next;
                }
            }
            timer = next;
        }
    }

    private long currentTick() {
        return (loop.ticker().nanoTime() - startNanos) / TICK_NANOS;
    }

    private static int slot(long tick) {
        return (int) (tick & SLOTS - 1);
    }
}
