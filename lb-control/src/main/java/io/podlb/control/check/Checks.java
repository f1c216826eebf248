package io.podlb.control.check;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.podlb.control.translate.Check;
import io.podlb.control.translate.CheckKey;
import io.podlb.server.balance.RandomSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the checks that it was told of, all on one event loop. An endpoint is up when each of its checks has succeeded,
 * and not before; one without checks at once. Whoever makes it closes it.
 *
 * <p>{@link #update}, {@link #isUp} and {@link #whenChanged} may be called by any thread.
 */
public final class Checks implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Checks.class);

    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("lb-checks", true), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final RandomSource random;
    private final Counter successes;
    private final Counter failures;
    private final Map<CheckKey, Running> running = new HashMap<>(); // event loop
    private final Set<CheckKey> up = ConcurrentHashMap.newKeySet(); // written by the event loop
    private volatile Runnable changed = () -> {}; // set once

    /**
     * Without checks yet.
     *
     * @param random for the jitter of periods
     */
    public Checks(RandomSource random, MetricRegistry metrics) {
        this.random = random;
        this.successes = metrics.counter("podlb_active_checks_total{result=success}");
        this.failures = metrics.counter("podlb_active_checks_total{result=failure}");
    }

    /** Has this run, by the event loop, after an endpoint has gone up or down. */
    public void whenChanged(Runnable action) {
        changed = action;
    }

    /** Whether all checks of the endpoint succeed; false for one that is not known. */
    public boolean isUp(CheckKey key) {
        return up.contains(key);
    }

    /** Makes these from now on, and no others. What is the same goes on. */
    public void update(Map<CheckKey, List<Check>> next) {
        Map<CheckKey, List<Check>> wanted = Map.copyOf(next);
        loop.execute(() -> apply(wanted));
    }

    /**
     * Waits until each check has been tried once, but no longer than that.
     *
     * @return false if there is no check
     */
    public boolean awaitFirstTries(Duration time) throws InterruptedException {
        CompletableFuture<Boolean> tried = CompletableFuture.supplyAsync(
                        () -> running.values().stream().map(one -> one.firstTry).toList(), loop)
                .thenCompose(tries -> CompletableFuture.allOf(tries.toArray(new CompletableFuture<?>[0]))
                        .thenApply(all -> !tries.isEmpty()));
        try {
            return tried.completeOnTimeout(true, time.toNanos(), TimeUnit.NANOSECONDS)
                    .get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private void apply(Map<CheckKey, List<Check>> wanted) {
        running.entrySet().removeIf(entry -> {
            boolean goes = !entry.getValue().checks.equals(wanted.get(entry.getKey()));
            if (goes) {
                entry.getValue().stop();
                up.remove(entry.getKey());
            }
            return goes;
        });
        List<Running> begun = new ArrayList<>();
        wanted.forEach((key, checks) -> {
            if (!running.containsKey(key)) {
                Running added = new Running(key, checks);
                running.put(key, added);
                begun.add(added);
            }
        });
        begun.forEach(Running::start);
    }

    /** Stops all checks. Waits for that, a second at most. */
    @Override
    public void close() {
        loop.execute(() -> running.values().forEach(Running::stop));
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }

    /** The checks of one endpoint. */
    private final class Running {

        private final CheckKey key;
        private final List<Check> checks;
        private final List<Checker> checkers = new ArrayList<>();
        private final CompletableFuture<Void> firstTry = new CompletableFuture<>(); // of any of its checks

        Running(CheckKey key, List<Check> checks) {
            this.key = key;
            this.checks = checks;
            checks.forEach(check -> checkers.add(new Checker(check, loop, random, this::tried)));
        }

        void start() {
            checkers.forEach(Checker::start);
            if (checkers.isEmpty()) {
                publish(null);
                firstTry.complete(null);
            }
        }

        void stop() {
            checkers.forEach(Checker::stop);
        }

        private void tried(boolean success, boolean turned, @Nullable String failure) {
            (success ? successes : failures).inc();
            if (turned) {
                publish(failure);
            }
            firstTry.complete(null);
        }

        private void publish(@Nullable String failure) {
            boolean now = checkers.stream().allMatch(Checker::isUp);
            if (now ? up.add(key) : up.remove(key)) {
                if (now) {
                    log.info("{} endpoint {} passes its checks", key.port(), key.endpoint());
                } else {
                    log.info("{} endpoint {} does not pass its check: {}", key.port(), key.endpoint(), failure);
                }
                changed.run();
            }
        }
    }
}
