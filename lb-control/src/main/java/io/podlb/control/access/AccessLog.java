package io.podlb.control.access;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.metrics.MetricNames;
import io.podlb.server.relay.ConnectionObserver;
import io.podlb.server.relay.RelayView;
import io.podlb.server.service.TrafficRules;
import java.time.Clock;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a line for each connection and UDP flow that has ended and whose Service wants one.
 *
 * <p>Event loops only decide and hand over; one thread makes the lines and writes them, however slow stdout is. What does
 * not fit the rate, or the queue of that thread, is left out and counted.
 *
 * <p>Thread rule: any thread; {@link #start} and {@link #close} by its owner, once.
 */
public final class AccessLog implements ConnectionObserver, AutoCloseable {

    /** Name of the logger whose messages are the lines. */
    public static final String LOGGER = "io.podlb.access";

    static final int QUEUE = 8192;

    private static final int ONE_IN = 100;
    private static final long CLOSE_MILLIS = 2_000;
    private static final long COMPLAINT_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Logger lines = LoggerFactory.getLogger(LOGGER);
    private static final Logger logger = LoggerFactory.getLogger(AccessLog.class);

    private final AccessLine form;
    private final LineRate rate;
    private final RandomSource random;
    private final Clock clock;
    private final LongSupplier ticker;
    private final BlockingQueue<AccessEntry> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Counter beyondRate = new Counter();
    private final Counter beyondQueue = new Counter();
    private final Thread writer = new Thread(this::write, "podlb-access-log");
    private volatile boolean closed; // written by close
    private long complainedNanos; // writer
    private long complainedOf; // writer

    /**
     * A log that is not written yet.
     *
     * @param perSecond lines each second at most
     * @param random draws the sample
     * @param clock for the times in the lines
     * @param ticker for the rate, in nanoseconds
     */
    public AccessLog(AccessLine form, int perSecond, RandomSource random, Clock clock, LongSupplier ticker) {
        this.form = form;
        this.rate = new LineRate(perSecond, ticker.getAsLong());
        this.random = random;
        this.clock = clock;
        this.ticker = ticker;
        this.complainedNanos = ticker.getAsLong() - COMPLAINT_NANOS;
        writer.setDaemon(true);
    }

    /** Begins to write; what ended before waits. */
    public AccessLog start() {
        writer.start();
        return this;
    }

    /** Shows what is left out among the metrics. */
    public void register(MetricRegistry metrics) {
        metrics.register(MetricNames.ACCESS_LOG_OMITTED + "{reason=rate}", beyondRate);
        metrics.register(MetricNames.ACCESS_LOG_OMITTED + "{reason=slow}", beyondQueue);
    }

    @Override
    public void ended(RelayView view) {
        if (wants(view.accessLog(), view.hasFailed())) {
            offer(new AccessEntry(clock.instant(), view));
        }
    }

    private boolean wants(TrafficRules.AccessLog rule, boolean failed) {
        boolean wanted = switch (rule) {
            case OFF -> false;
            case SAMPLED -> failed || random.nextInt(ONE_IN) == 0;
            case ALL -> true;
        };
        if (wanted && !rate.take(ticker.getAsLong())) {
            beyondRate.inc();
            return false;
        }
        return wanted;
    }

    private void offer(AccessEntry entry) {
        if (!queue.offer(entry)) {
            beyondQueue.inc();
        }
    }

    private void write() {
        while (true) {
            try {
                AccessEntry next = next();
                if (next != null) {
                    lines.info(form.of(next));
                } else if (closed) {
                    return;
                }
                complain();
            } catch (InterruptedException e) {
                return; // nobody but close interrupts it, when output hangs
            } catch (RuntimeException e) {
                logger.error("a line of the access log could not be written", e); // the next one may
            }
        }
    }

    private @Nullable AccessEntry next() throws InterruptedException {
        return closed ? queue.poll() : queue.poll(200, TimeUnit.MILLISECONDS);
    }

    /** One line per interval, however many lines are left out. */
    private void complain() {
        long omitted = beyondRate.getCount() + beyondQueue.getCount();
        long now = ticker.getAsLong();
        if (omitted > complainedOf && now - complainedNanos >= COMPLAINT_NANOS) {
            logger.warn(
                    "the access log left out {} lines since the last such line; raise --access-log-rate, or log fewer"
                            + " connections (podlb.io/access-log: sampled)",
                    omitted - complainedOf);
            complainedNanos = now;
            complainedOf = omitted;
        }
    }

    /** Writes what is waiting, and ends; output that hangs is given up after two seconds. */
    @Override
    public void close() {
        closed = true;
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // whoever ends this thread need not have the last lines
        }
        writer.interrupt();
    }
}
