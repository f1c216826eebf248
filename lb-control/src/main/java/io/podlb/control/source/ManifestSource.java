package io.podlb.control.source;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kubernetes manifests that are watched. Files are looked at ten times a second; a change counts once a file was the
 * same at two looks, so an edit arrives well within a second and a half-written file never does.
 *
 * <p>A file that becomes broken, empty or (named by itself) vanishes keeps what was last read of it without an error,
 * and a problem says so. One that vanishes from a folder takes its objects along; a folder that vanishes takes nothing.
 *
 * <p>Use: {@link #load()} once, then {@link #watch} once, from one thread; {@link #close()} from any.
 */
public final class ManifestSource implements AutoCloseable {

    /** Between two looks. */
    public static final Duration INTERVAL = Duration.ofMillis(100);

    private static final Logger log = LoggerFactory.getLogger(ManifestSource.class);

    // Thread of load() until watch(), from then on the watching thread.
    private final WatchedPaths paths;
    private final ScheduledExecutorService executor;

    /**
     * Reads nothing yet.
     *
     * @param paths as in {@link ManifestReader#read}
     * @param clock for the time of day in problems
     */
    public ManifestSource(List<Path> paths, Clock clock) {
        this.paths = new WatchedPaths(paths, clock);
        this.executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "podlb-manifests");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Reads everything as it is now; see {@link ManifestReader#read}. */
    public Loaded load() {
        return paths.load();
    }

    /**
     * Begins to watch.
     *
     * @param listener called by one thread of this source whenever the result differs from the one before; what it
     *     throws is logged and ends nothing
     */
    public void watch(Consumer<Loaded> listener) {
        var unused = executor.scheduleWithFixedDelay(
                () -> look(listener), INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** No call of the listener begins after this. */
    @Override
    public void close() {
        executor.shutdown();
    }

    private void look(Consumer<Loaded> listener) {
        try {
            Loaded changed = paths.look();
            if (changed != null && !executor.isShutdown()) {
                listener.accept(changed);
            }
        } catch (RuntimeException | Error e) {
            // A periodic task that throws is never run again, and what is served would silently grow old.
            log.error("manifests: a look for changes failed, the next one follows", e);
        }
    }
}
