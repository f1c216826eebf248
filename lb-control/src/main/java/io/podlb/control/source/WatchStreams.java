package io.podlb.control.source;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens in on the watches of a client: which are open, when each was last heard of (the client shows neither bookmarks
 * nor a watch that has not said anything yet), and what failed last. Also hands on whole lines in ASCII only, as the
 * client decodes each network read by itself and stumbles over every letter of more than one byte, and in their order:
 * see {@link WatchOrder}.
 *
 * <p>Any thread.
 */
final class WatchStreams implements Interceptor {

    private static final Logger log = LoggerFactory.getLogger(WatchStreams.class);
    private static final String ENDED = "the watch ended"; // as each does every few minutes

    /** Never watched; who asks for them says what the answer means. */
    private static final Set<String> NOT_WATCHED = Set.of("servicecidrs", "events");

    private final Clock clock;
    private final Map<String, Stream> streams = new ConcurrentHashMap<>(); // by the resource's plural name

    WatchStreams(Clock clock) {
        this.clock = clock;
    }

    /**
     * What is known of the watch of one resource.
     *
     * @param id of the latest request
     * @param open whether its answer is coming in
     * @param heard the last sign of life; if it is not open, when it ended
     * @param trouble the last error since it was last open; empty if there was none
     */
    record Stream(@Nullable UUID id, boolean open, Instant heard, String trouble) {}

    /** Of the resource with this plural name; null if nothing was asked of it yet. */
    @Nullable
    Stream of(String resource) {
        return streams.get(resource);
    }

    /** Something outside of this client's requests went wrong: an answer that could not be read. */
    void failed(String resource, String trouble) {
        Stream before = streams.get(resource);
        if (before == null || !before.trouble().equals(trouble)) {
            log.warn("API server, {}: {}, it is tried again until it works", resource, trouble);
        }
        streams.compute(
                resource,
                (key, last) -> last == null
                        ? new Stream(null, false, clock.instant(), trouble)
                        : new Stream(last.id(), last.open(), last.heard(), trouble));
    }

    /** Somebody gave this watch up. */
    void abandoned(String resource) {
        streams.computeIfPresent(resource, (key, before) -> new Stream(null, false, before.heard(), "said nothing"));
    }

    @Override
    public void after(HttpRequest request, HttpResponse<?> response, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
        String resource = resource(request);
        if (!response.isSuccessful()) {
            if (!NOT_WATCHED.contains(resource)) {
                failed(resource, "HTTP status " + response.code());
            }
        } else if (isWatch(request) && response.body() instanceof AsyncBody body) {
            Stream before = streams.put(resource, new Stream(request.id(), true, clock.instant(), ""));
            if (before != null
                    && !before.trouble().isEmpty()
                    && !before.trouble().equals(ENDED)) {
                log.info("API server, {}: watched again", resource);
            }
            body.done().whenComplete((done, failure) -> ended(resource, request.id()));
        }
    }

    @Override
    public void afterConnectionFailure(HttpRequest request, Throwable failure) {
        if (!NOT_WATCHED.contains(resource(request))) {
            failed(resource(request), String.valueOf(failure.getMessage()));
        }
    }

    @Override
    public AsyncBody.Consumer<List<ByteBuffer>> consumer(
            AsyncBody.Consumer<List<ByteBuffer>> consumer, HttpRequest request) {
        if (!isWatch(request)) {
            return consumer;
        }
        Lines lines = new Lines();
        String resource = resource(request);
        WatchOrder order = new WatchOrder(resource);
        return (chunks, body) -> {
            heard(resource, request.id());
            consumer.consume(order.of(lines.of(chunks)), body);
        };
    }

    private void heard(String resource, UUID id) {
        streams.computeIfPresent(
                resource, (key, before) -> id.equals(before.id()) ? new Stream(id, true, clock.instant(), "") : before);
    }

    private void ended(String resource, UUID id) {
        streams.computeIfPresent(
                resource,
                (key, before) -> id.equals(before.id()) && before.open()
                        ? new Stream(id, false, clock.instant(), ENDED)
                        : before);
    }

    private static boolean isWatch(HttpRequest request) {
        String query = request.uri().getQuery();
        return query != null && query.contains("watch=true");
    }

    private static String resource(HttpRequest request) {
        String path = request.uri().getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** The whole lines of one answer, from its one reading thread. */
    static final class Lines {

        private final ByteArrayOutputStream rest = new ByteArrayOutputStream();

        /** Those that these chunks complete, or nothing. */
        List<ByteBuffer> of(List<ByteBuffer> chunks) {
            int whole = -1;
            for (ByteBuffer chunk : chunks) {
                byte[] bytes = new byte[chunk.remaining()];
                chunk.get(bytes);
                for (int i = bytes.length - 1; i >= 0; i--) {
                    if (bytes[i] == '\n') {
                        whole = rest.size() + i;
                        break;
                    }
                }
                rest.write(bytes, 0, bytes.length);
            }
            if (whole < 0) {
                return List.of();
            }
            byte[] all = rest.toByteArray();
            rest.reset();
            rest.write(all, whole + 1, all.length - whole - 1);
            return List.of(ascii(all, whole + 1));
        }

        /** Outside of its texts JSON is ASCII, and in them every letter can be escaped. */
        private static ByteBuffer ascii(byte[] bytes, int length) {
            for (int i = 0; i < length; i++) {
                if (bytes[i] < 0) {
                    StringBuilder escaped = new StringBuilder(length + 16);
                    new String(bytes, 0, length, StandardCharsets.UTF_8)
                            .chars()
                            .forEach(c ->
                                    escaped.append(c < 0x80 ? String.valueOf((char) c) : String.format("\\u%04x", c)));
                    return StandardCharsets.US_ASCII.encode(escaped.toString());
                }
            }
            return ByteBuffer.wrap(bytes, 0, length);
        }
    }
}
