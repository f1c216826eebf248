package io.podlb.server.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast each client begins connections: a token bucket per client, kept as the one moment at which it will be full
 * (the generic cell rate algorithm of ITU-T I.371). A bucket that has filled up is like none, and is forgotten. The
 * table is bounded: a flood of addresses makes clients be forgotten, those seen least first, which then start with a
 * full bucket. May be used by any thread.
 */
final class ClientRates {

    static final int MAX_CLIENTS = 65_536;

    private final int perMinute;
    private final long intervalNanos;
    private final long toleranceNanos; // how far the bucket may be from full, to have one left
    private final Ticker ticker;
    private final Cache<Long, AtomicLong> fullAtNanos;

    /** A bucket holds what comes in within a second, and one connection at least. */
    ClientRates(int perMinute, Ticker ticker) {
        this.perMinute = perMinute;
        this.ticker = ticker;
        this.intervalNanos = TimeUnit.MINUTES.toNanos(1) / perMinute;
        int burst = Math.max(1, perMinute / 60);
        this.toleranceNanos = (burst - 1) * intervalNanos;
        // Eviction runs on the common pool, so that it does not hold up an event loop.
        this.fullAtNanos = Caffeine.newBuilder()
                .maximumSize(MAX_CLIENTS)
                .expireAfterAccess(Duration.ofNanos(burst * intervalNanos).plusSeconds(1))
                .ticker(ticker)
                .executor(ForkJoinPool.commonPool())
                .build();
    }

    int perMinute() {
        return perMinute;
    }

    /** A client begins a connection; false if it may not now. */
    boolean take(long client) {
        long now = ticker.read();
        AtomicLong full = fullAtNanos.get(client, key -> new AtomicLong(now));
        while (true) {
            long before = full.get();
            long from = before - now > 0 ? before : now;
            if (from - now > toleranceNanos) {
                return false;
            }
            if (full.compareAndSet(before, from + intervalNanos)) {
                return true;
            }
        }
    }

    /** About how many clients are remembered. Frees what has run out first. */
    long size() {
        fullAtNanos.cleanUp();
        return fullAtNanos.estimatedSize();
    }
}
