package io.podlb.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.balance.RandomSource;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.TrafficRules;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** Which connections leave a line, and what becomes of those that are too many. */
@Timeout(60)
class AccessLogTest {

    private static final TrafficRules.AccessLog ALL = TrafficRules.AccessLog.ALL;
    private static final TrafficRules.AccessLog SAMPLED = TrafficRules.AccessLog.SAMPLED;
    private static final TrafficRules.AccessLog OFF = TrafficRules.AccessLog.OFF;

    /** Takes lines as slowly as a terminal may that somebody has stopped. */
    private static final class Output extends AppenderBase<ILoggingEvent> {
        private final List<String> lines = new CopyOnWriteArrayList<>();
        private volatile CountDownLatch open = new CountDownLatch(0);

        @Override
        protected void append(ILoggingEvent event) {
            try {
                open.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the log gives up
            }
            lines.add(event.getFormattedMessage());
        }
    }

    private final Output output = new Output();
    private final Output complaints = new Output();
    private final MetricRegistry metrics = new MetricRegistry();
    private final AtomicLong nanos = new AtomicLong();
    private final Clock clock = Clock.fixed(Instant.parse("2026-03-01T12:00:00Z"), ZoneOffset.UTC);

    @BeforeEach
    void listen() {
        attach(AccessLog.LOGGER, output);
        attach(AccessLog.class.getName(), complaints);
    }

    private static void attach(String name, Output output) {
        Logger logger = (Logger) LoggerFactory.getLogger(name);
        output.start();
        logger.setLevel(Level.INFO);
        logger.setAdditive(false);
        logger.addAppender(output);
    }

    @AfterEach
    void leave() {
        ((Logger) LoggerFactory.getLogger(AccessLog.LOGGER)).detachAppender(output);
        ((Logger) LoggerFactory.getLogger(AccessLog.class)).detachAppender(complaints);
    }

    private AccessLog log(int perSecond, RandomSource random) {
        AccessLog log = new AccessLog(AccessLine.TEXT, perSecond, random, clock, nanos::get);
        log.register(metrics);
        return log;
    }

    private long omitted(String reason) {
        return metrics.counter("podlb_access_log_omitted_total{reason=" + reason + "}")
                .getCount();
    }

    @Test
    void whatAServiceWantsIsWritten() {
        try (AccessLog log = log(1000, bound -> 1)) {
            log.ended(Entries.connection(OFF, "http", "off"));
            log.ended(Entries.connection(ALL, "http", "all"));
            log.ended(Entries.connection(SAMPLED, "http", "sampled"));
            log.ended(Entries.rejected(SAMPLED));
            log.ended(Entries.rejected(OFF));
            log.ended(Entries.flow(ALL, FlowEnd.IDLE_TIMEOUT, Outcome.CONNECTED));
            log.start();
        }
        assertThat(output.lines).hasSize(3);
        assertThat(output.lines.get(0))
                .startsWith("time=2026-03-01T12:00:00.000Z ")
                .contains(" pod=all ");
        assertThat(output.lines.get(1)).endsWith(" end=source-denied");
        assertThat(output.lines.get(2)).contains(" protocol=UDP ");
    }

    @Test
    void oneInAHundredOfThoseThatDoNotFailIsSampled() {
        AtomicInteger drawn = new AtomicInteger();
        try (AccessLog log = log(1_000_000, bound -> drawn.getAndIncrement() % bound)) {
            IntStream.range(0, 1000).forEach(i -> log.ended(Entries.connection(SAMPLED, "http", "web-" + i)));
            log.start();
        }
        assertThat(output.lines).hasSize(10);
        assertThat(drawn).hasValue(1000);
    }

    @Test
    void everyFlowThatFailsIsAmongTheSampled() {
        try (AccessLog log = log(1000, bound -> 1)) {
            for (FlowEnd end : FlowEnd.values()) {
                log.ended(Entries.flow(SAMPLED, end, Outcome.CONNECTED));
            }
            log.ended(Entries.flow(SAMPLED, FlowEnd.IDLE_TIMEOUT, Outcome.TIMED_OUT));
            log.start();
        }
        assertThat(output.lines)
                .extracting(line -> line.substring(line.indexOf(" end=") + 5))
                .containsExactly("connect-failed", "no-backend", "local-resources", "internal-error", "idle-timeout");
    }

    @Test
    void noMoreLinesAreWrittenThanTheRateAllowsAndTheRestIsCounted() {
        try (AccessLog log = log(10, bound -> 0)) {
            IntStream.range(0, 25).forEach(i -> log.ended(Entries.connection(ALL, "http", "at-once")));
            assertThat(omitted("rate")).as("a second's worth at once").isEqualTo(15);
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
            IntStream.range(0, 25).forEach(i -> log.ended(Entries.connection(ALL, "http", "later")));
            assertThat(omitted("rate")).as("half a second's worth more").isEqualTo(35);
            nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
            IntStream.range(0, 25).forEach(i -> log.ended(Entries.rejected(ALL)));
            assertThat(omitted("rate"))
                    .as("an hour saves up no more than a second")
                    .isEqualTo(50);
            log.start();
        }
        assertThat(output.lines).hasSize(25);
        assertThat(complaints.lines).as("one line for all of them").hasSize(1);
        assertThat(complaints.lines.get(0)).contains("left out 50 lines");
        assertThat(omitted("slow")).isZero();
    }

    /** Whoever calls is an event loop: it goes on, and what does not fit is counted. */
    @Test
    void outputThatHangsHoldsUpNobody() {
        output.open = new CountDownLatch(1);
        int all = AccessLog.QUEUE + 100;
        try (AccessLog log = log(1_000_000, bound -> 0).start()) {
            IntStream.range(0, all).forEach(i -> log.ended(Entries.connection(ALL, "http", "web")));
            assertThat(omitted("slow"))
                    .as("all but the queue, and the line in hand")
                    .isBetween(99L, 100L);
            output.open.countDown();
        }
        assertThat(output.lines.size() + omitted("slow")).isEqualTo(all);
    }
}
