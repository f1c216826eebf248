package io.podlb.server;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock that stands still until it is told to go on, for tests of what takes long: a data plane that runs on it
 * ({@link LoadBalancerConfig#ticker}) does in milliseconds what it would do within hours. Sockets know nothing of it, so
 * whatever clients and backends do takes the time that it takes.
 *
 * <p>Thread rule: any thread, but for {@link #advance} and {@link #settle}, which an event loop must not call; one call
 * of these is made at a time.
 */
public final class VirtualClock implements Ticker {

    private static final long SHORTEST_STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_STEPS = 64;

    /** How often one thread may hand on to another what became due. */
    private static final int HOPS = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final AtomicLong now = new AtomicLong(TimeUnit.SECONDS.toNanos(1)); // Netty takes deadline 0 for a past one
    private final Set<EventExecutor> driven = ConcurrentHashMap.newKeySet();

    @Override
    public long initialNanoTime() {
        return 0;
    }

    @Override
    public long nanoTime() {
        return now.get();
    }

    /** Waits, in real time, until the clock has been moved that far. */
    @Override
    public void sleep(long delay, TimeUnit unit) throws InterruptedException {
        long end = nanoTime() + unit.toNanos(delay);
        synchronized (now) {
            while (nanoTime() - end < 0) {
                now.wait();
            }
        }
    }

    /** A thread whose timers go by this clock: it is waited for from now on. A data plane does so by itself. */
    public void drive(EventExecutorGroup executors) {
        executors.forEach(driven::add);
    }

    /**
     * Moves the clock, in steps of 50 ms, or of a 64th where it is moved further, and waits after each until what became
     * due has run. So a timer that sets the next one, set for within this time, finds it expired too: at the step after
     * its moment.
     *
     * @throws IllegalStateException if an event loop does nothing for 30 s
     */
    public synchronized void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException("time: " + time + " (expected: not negative)");
        }
        long left = time.toNanos();
        long step = Math.max(SHORTEST_STEP_NANOS, (left + MOST_STEPS - 1) / MOST_STEPS);
        while (left > 0) {
            long part = Math.min(step, left);
            synchronized (now) {
                now.addAndGet(part);
                now.notifyAll();
            }
            left -= part;
            settle();
        }
    }

    /** Waits until every thread has done what was to be done by now, and what came of it on other threads. */
    public synchronized void settle() {
        driven.removeIf(EventExecutor::isShuttingDown);
        for (int hop = 0; hop < HOPS; hop++) {
            List<CompletableFuture<Void>> passed = new ArrayList<>();
            for (EventExecutor executor : driven) {
                passed.add(passed(executor));
            }
            await(CompletableFuture.allOf(passed.toArray(new CompletableFuture<?>[0])));
        }
    }

    /** Completes once everything that is due there now has run. */
    private static CompletableFuture<Void> passed(EventExecutor executor) {
        if (executor.inEventLoop()) {
            throw new IllegalStateException("an event loop cannot wait for itself; use another thread");
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        try {
            // A timer that is set there and due at once comes after all others that are due.
            executor.execute(
                    () -> executor.schedule(() -> {}, 0, TimeUnit.NANOSECONDS).addListener(ran -> done.complete(null)));
        } catch (RejectedExecutionException closed) {
            done.complete(null); // it does nothing any more
        }
        return done;
    }

    private static void await(CompletableFuture<Void> passed) {
        try {
            passed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("an event loop has done nothing for " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while event loops do what is due", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }
}
