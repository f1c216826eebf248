package io.podlb.control;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a loop, which everything that it does passes through.
 *
 * <p>Any thread may call it; {@link #close} is for the one that owns the loop.
 */
final class ControlThread implements Executor, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ControlThread.class);
    private static final long CLOSE_SECONDS = 5;

    private final String name;
    private final ScheduledExecutorService thread;
    private volatile boolean draining;

    ControlThread(String name) {
        this.name = name;
        this.thread = executor(name);
    }

    private static ScheduledExecutorService executor(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, name);
            made.setDaemon(true);
            return made;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false); // a redo must not outlive the drain
        return executor;
    }

    /**
     * Runs a task after those that wait.
     *
     * @throws RejectedExecutionException once it drains
     */
    @Override
    public void execute(Runnable task) {
        thread.execute(task);
    }

    /** Runs a task after a while, unless it drains by then. */
    void after(Duration delay, Runnable task) {
        try {
            var unused = thread.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            log.debug("too late for another attempt, podlb drains");
        }
    }

    /** Runs a task again and again, with so much time between; it must not throw. */
    void every(Duration pause, Runnable task) {
        var unused = thread.scheduleWithFixedDelay(task, pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Takes nothing more. */
    void drain() {
        draining = true;
        thread.shutdown();
    }

    boolean isDraining() {
        return draining;
    }

    /** Ends, in the middle of a task if need be, and waits for that a few seconds at most. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("thread {} does not end; it is left behind", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
