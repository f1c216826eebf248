package io.podlb.server;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Ticker;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.relay.DrainCounts;
import io.podlb.server.relay.RelayLoops;
import io.podlb.server.service.ServicePortName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings connections to their ends ahead of time: those of backends that have left, of which it keeps the latest
 * receipts, and those of backends that have more than their share.
 *
 * <p>Thread rule: the control thread, but for {@link #receipts}.
 */
final class Closings {

    private static final int REMEMBERED = 256;
    private static final Logger logger = LoggerFactory.getLogger(Closings.class);

    private final RelayLoops relays;
    private final RandomSource random;
    private final EventExecutor control;
    private final Ticker ticker;
    private final Deque<DrainReceipt> receipts = new ArrayDeque<>();
    private volatile List<DrainReceipt> published = List.of(); // written by the control thread

    Closings(RelayLoops relays, RandomSource random, EventExecutor control, Ticker ticker) {
        this.relays = relays;
        this.random = random;
        this.control = control;
        this.ticker = ticker;
    }

    /** Brings the connections of the backend to their ends within that time. */
    void drain(ServicePortName port, Backend backend, Duration within) {
        long start = ticker.nanoTime();
        CompletionStage<Void> unused = relays.drain(backend, within, random)
                .thenAcceptAsync(counts -> end(port, backend, counts, ticker.nanoTime() - start), control);
    }

    /** Asks so many quiet connections of the backend to end, if there are. */
    void finish(Backend backend, int count) {
        relays.finish(backend, count);
    }

    private void end(ServicePortName port, Backend backend, DrainCounts counts, long nanos) {
        if (counts.connections() == 0) {
            return; // nothing to tell
        }
        logger.info(
                "{} backend {} is drained after {} s: of {} connections {} ended by themselves, {} by FIN, {} were cut",
                port,
                backend,
                TimeUnit.NANOSECONDS.toMillis(nanos) / 1000.0,
                counts.connections(),
                counts.byThemselves(),
                counts.byFin(),
                counts.cut());
        if (receipts.size() == REMEMBERED) {
            receipts.removeFirst();
        }
        receipts.addLast(new DrainReceipt(
                port, backend.address(), backend.spec().pod(), counts, TimeUnit.NANOSECONDS.toMillis(nanos)));
        published = List.copyOf(receipts);
    }

    /** The latest, oldest first. Any thread. */
    List<DrainReceipt> receipts() {
        return published;
    }
}
