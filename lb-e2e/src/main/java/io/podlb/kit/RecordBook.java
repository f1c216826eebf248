package io.podlb.kit;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.LoadBalancer;
import io.podlb.server.backend.Backend;
import io.podlb.server.relay.ConnectionObserver;
import io.podlb.server.relay.FlowView;
import io.podlb.server.relay.RelayView;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the record of every connection and UDP flow of a lab. Told by event loops of those that have ended; asks the
 * data plane for those that are open.
 */
final class RecordBook implements ConnectionObserver {

    /** The latest that have ended; more would be a load test, whose memory is worth more than its first receipts. */
    private static final int REMEMBERED = 100_000;

    private final Ticker ticker;
    private final long begin;
    private final Function<ServicePortName, String> label;
    private final Map<ServicePortName, String> labels = new ConcurrentHashMap<>();
    private final List<Timeline.Mark> marks = new CopyOnWriteArrayList<>();
    private final Deque<Entry> ended = new ArrayDeque<>(); // lock of this

    /**
     * A book without records; the time in them begins now.
     *
     * @param label what people call a service port
     */
    RecordBook(Ticker ticker, Function<ServicePortName, String> label) {
        this.label = label;
        this.ticker = ticker;
        this.begin = ticker.nanoTime();
    }

    @Override
    public void ended(RelayView view) {
        add(new Entry(view.id(), record(view)));
    }

    private synchronized void add(Entry entry) {
        if (ended.size() == REMEMBERED) {
            ended.removeFirst();
        }
        ended.addLast(entry);
    }

    /** The time since the book was opened. */
    Duration now() {
        return Duration.ofNanos(ticker.nanoTime() - begin);
    }

    /** Notes that something happens now; the moment. */
    Duration mark(String text) {
        Duration at = now();
        marks.add(new Timeline.Mark(at, text));
        return at;
    }

    /** What has been noted, in that order. */
    List<Timeline.Mark> marks() {
        return List.copyOf(marks);
    }

    /** Those that have ended, in that order. */
    synchronized List<ConnectionRecord> ended() {
        return ended.stream().map(Entry::record).toList();
    }

    /** All of them, the first to come first. */
    List<ConnectionRecord> all(LoadBalancer server) {
        Map<Long, ConnectionRecord> records = new LinkedHashMap<>();
        // The open ones first: what ends in between is then seen as ended.
        List<RelayView> views =
                new ArrayList<>(server.connections().toCompletableFuture().join());
        views.addAll(server.flows().toCompletableFuture().join());
        views.forEach(view -> records.put(view.id(), record(view)));
        synchronized (this) {
            ended.forEach(entry -> records.put(entry.id, entry.record));
        }
        return records.values().stream()
                .sorted((one, other) -> one.started().equals(other.started())
                        ? Long.compare(one.ordinal(), other.ordinal())
                        : one.started().compareTo(other.started()))
                .toList();
    }

    private ConnectionRecord record(RelayView view) {
        List<Attempt> attempts = attempts(view.tries());
        Attempt got = connected(attempts);
        return new ConnectionRecord(
                view.ordinal(),
                view.port().namespace() + "/" + view.port().service(),
                labels.computeIfAbsent(view.port(), label),
                view instanceof FlowView,
                view.frontend().kind().label(),
                view.client().toSocketAddress(),
                view.policy(),
                names(view.candidates()),
                attempts,
                view.faults(),
                got == null ? null : got.pod(),
                got == null ? null : got.address(),
                got == null ? null : got.why(),
                view.bytesToBackend(),
                view.bytesToClient(),
                Duration.ofNanos(view.startNanos() - begin),
                Duration.ofMillis(view.millis()),
                view.endLabel(),
                view.hasFailed());
    }

    private static @Nullable Attempt connected(List<Attempt> attempts) {
        Attempt last = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
        return last != null && last.outcome() == Attempt.Outcome.CONNECTED ? last : null;
    }

    private static List<Attempt> attempts(List<io.podlb.server.relay.Attempt> tries) {
        return tries.stream().map(RecordBook::attempt).toList();
    }

    private static List<String> names(List<Backend> candidates) {
        return candidates.stream().map(RecordBook::name).toList();
    }

    private static Attempt attempt(io.podlb.server.relay.Attempt attempt) {
        InetSocketAddress address = attempt.backend().address().toSocketAddress();
        return new Attempt(
                attempt.backend().pod(),
                address,
                attempt.reason().toString(),
                Attempt.Outcome.valueOf(attempt.outcome().name()),
                Duration.ofNanos(attempt.nanos()));
    }

    private static String name(Backend backend) {
        String pod = backend.spec().pod();
        SocketAddressSpec address = backend.address();
        return pod == null ? address.toString() : pod;
    }

    private record Entry(long id, ConnectionRecord record) {}
}
