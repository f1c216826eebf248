package io.podlb.server.transport;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.Ticker;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Event loops whose timers go by a ticker that is not the system's. That one may stand still or jump, so no sleep in the
 * kernel can be as long as it says: each ends after 10 ms at the latest, and whoever has moved the ticker wakes the loops.
 */
final class ClockedLoops extends MultiThreadIoEventLoopGroup {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    ClockedLoops(int count, ThreadFactory threads, IoHandlerFactory ioHandlers, Ticker ticker) {
        super(count, threads, ioHandlers, ticker);
    }

    @Override
    protected IoEventLoop newChild(Executor executor, IoHandlerFactory ioHandlers, Object... args) {
        return new Loop(this, executor, ioHandlers, (Ticker) args[0]);
    }

    private static final class Loop extends SingleThreadIoEventLoop {

        private final @Nullable Ticker own; // null while Netty's constructors run, which ask already
        private boolean odd; // event loop

        Loop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory ioHandlers, Ticker ticker) {
            super(parent, executor, ioHandlers);
            this.own = ticker;
        }

        @Override
        public Ticker ticker() {
            Ticker ticker = own;
            if (ticker == null) {
                return Ticker.systemTicker();
            }
            return isShuttingDown() ? new Moving(ticker) : ticker;
        }

        /** How long the I/O may wait. What it takes for the time is the system's. */
        @Override
        protected long delayNanos(long systemNanos) {
            Ticker ticker = ticker();
            return super.delayNanos(ticker.nanoTime() + ticker.initialNanoTime()) == 0 ? 0 : LOOK_NANOS;
        }

        /** Never the same twice in a row: epoll leaves its timer alone if it was set for that deadline before. */
        @Override
        protected long deadlineNanos() {
            odd = !odd;
            return super.deadlineNanos() ^ (odd ? 2 : 4);
        }
    }

    /** The same clock, but it goes on: a shutdown waits for a while to pass, which it never would where time stands still. */
    private record Moving(Ticker own) implements Ticker {

        @Override
        public long initialNanoTime() {
            return own.initialNanoTime();
        }

        @Override
        public long nanoTime() {
            return own.nanoTime() + Ticker.systemTicker().nanoTime();
        }

        @Override
        public void sleep(long delay, TimeUnit unit) throws InterruptedException {
            own.sleep(delay, unit);
        }
    }
}
