package io.podlb.control.source;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.Informable;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The informer of one kind of object, and its replacement whenever its watch falls silent. It never stops by itself.
 * Any thread.
 */
final class KindInformer<T extends HasMetadata> implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KindInformer.class);

    private final String resource;
    private final Supplier<Informable<T>> question;
    private final WatchStreams streams;
    private final CompletableFuture<Void> listed = new CompletableFuture<>();

    // Guarded by this.
    private InventoryStore<T> store;
    private @Nullable SharedIndexInformer<T> informer;
    private boolean closed;

    /**
     * Asks nothing yet.
     *
     * @param resource plural name
     * @param question which objects
     */
    KindInformer(String resource, Supplier<Informable<T>> question, InventoryStore<T> store, WatchStreams streams) {
        this.resource = resource;
        this.question = question;
        this.store = store;
        this.streams = streams;
    }

    /** Completes when the initial list has been handed on; never with an exception. */
    CompletableFuture<Void> start() {
        begin(false);
        return listed;
    }

    boolean isListed() {
        return listed.isDone();
    }

    /** Since when changes may have been missed; null: they are not. */
    @Nullable
    Instant deafSince(Instant now, Patience patience) {
        WatchStreams.Stream stream = streams.of(resource);
        if (stream == null) {
            return null;
        }
        Duration since = Duration.between(stream.heard(), now);
        return since.compareTo(stream.open() ? patience.silence() : patience.gap()) > 0 ? stream.heard() : null;
    }

    /** {@code services: HTTP status 503}; empty if there is nothing to tell. */
    String trouble() {
        WatchStreams.Stream stream = streams.of(resource);
        return stream == null || stream.trouble().isEmpty() ? "" : resource + ": " + stream.trouble();
    }

    /** Takes another informer where the watch claims to be open and has said nothing for too long. */
    void replaceIfSilent(Instant now, Duration silence) {
        WatchStreams.Stream stream = streams.of(resource);
        if (stream != null
                && stream.open()
                && Duration.between(stream.heard(), now).compareTo(silence) > 0) {
            log.warn("{}: the watch has said nothing since {}, begins again", resource, stream.heard());
            streams.abandoned(resource);
            begin(true);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (informer != null) {
            informer.stop();
        }
    }

    private synchronized void begin(boolean again) {
        if (closed) {
            return;
        }
        SharedIndexInformer<T> before = informer;
        if (again) {
            store = store.successor();
        }
        SharedIndexInformer<T> next = question.get()
                .runnableInformer(0)
                .removeNamespaceIndex()
                .itemStore(store)
                .exceptionHandler((started, failure) -> goOn(failure));
        if (again) {
            next.initialState(Stream.empty()); // so that the list is a current one, not any that a cache has
        }
        informer = next;
        next.start().thenRun(() -> listed.complete(null));
        if (before != null) {
            before.stop();
        }
    }

    /** Whatever it was, it is tried again, with a list after anything but a mere end of the watch. */
    private boolean goOn(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        streams.failed(resource, message.lines().findFirst().orElse(""));
        return true;
    }
}
