package io.podlb.server.listener;

import com.codahale.metrics.Counter;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.relay.LocalFailure;
import io.podlb.server.transport.ListenSocket;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops all accepting while the process has no descriptor left, and tries again after a pause that grows while the
 * shortage lasts. Meanwhile clients wait in the backlog. May be used by any thread.
 */
final class AcceptGate {

    private static final Logger logger = LoggerFactory.getLogger(AcceptGate.class);
    private static final long FIRST_PAUSE_MILLIS = 20;
    private static final long LONGEST_PAUSE_MILLIS = 640;

    private final EventExecutor control;
    private final Counter pauses;
    private final Set<ListenSocket> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean paused = new AtomicBoolean();
    private long pauseMillis; // control thread
    private long resumedNanos; // control thread

    AcceptGate(EventExecutor control, Counter pauses) {
        this.control = control;
        this.pauses = pauses;
        // Loaded now: when it is needed, there may be no descriptor left to read a class with.
        LocalFailure.outOfDescriptors(new IOException("none yet"));
    }

    /** Counts a listening socket among those to stop. */
    void add(ListenSocket server) {
        open.add(server);
        if (paused.get()) {
            server.pause();
        }
    }

    /** It is being closed. */
    void remove(ListenSocket server) {
        open.remove(server);
    }

    /** There was no descriptor for a connection. */
    void pause() {
        if (paused.compareAndSet(false, true)) {
            pauses.inc();
            open.forEach(ListenSocket::pause);
            control.execute(this::scheduleResume);
        }
    }

    private void scheduleResume() {
        long sinceResume = control.ticker().nanoTime() - resumedNanos;
        boolean lasting = pauseMillis > 0 && sinceResume < TimeUnit.MILLISECONDS.toNanos(2 * LONGEST_PAUSE_MILLIS);
        if (lasting) {
            pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, 2 * pauseMillis);
        } else {
            pauseMillis = FIRST_PAUSE_MILLIS;
            logger.warn("no descriptor left, accepting pauses until one returns; raise the limit (ulimit -n) or lower"
                    + " --max-connections");
        }
        control.schedule(this::resume, pauseMillis, TimeUnit.MILLISECONDS);
    }

    private void resume() {
        resumedNanos = control.ticker().nanoTime();
        paused.set(false);
        open.forEach(ListenSocket::resume);
    }
}
