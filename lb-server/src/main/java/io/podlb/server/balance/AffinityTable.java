package io.podlb.server.balance;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoint each client of a service port was sent to (kube-semantics 8.2). Bounded in size and time: a record runs
 * out when its client has made no connection for the timeout, and when the table is full, those of clients seen least
 * make room. May be used by any thread.
 */
final class AffinityTable {

    /**
     * The cache does not note writes that follow another within a second. A record therefore keeps its own time, which
     * decides, and the cache holds it for that much longer, to free the memory.
     */
    private static final Duration CACHE_TOLERANCE = Duration.ofSeconds(1);

    private final Cache<InetAddress, Entry> entries;
    private final Ticker ticker;
    private volatile long timeoutNanos; // written by the control thread

    AffinityTable(Duration timeout, int maxEntries, Ticker ticker) {
        this.ticker = ticker;
        this.timeoutNanos = timeout.toNanos();
        // Eviction runs on the common pool, so that it does not hold up an event loop.
        this.entries = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .expireAfterWrite(timeout.plus(CACHE_TOLERANCE))
                .ticker(ticker)
                .executor(ForkJoinPool.commonPool())
                .build();
    }

    /** Changes the timeout of all records, those that exist included (kube-semantics 8.6). Control thread only. */
    void timeout(Duration timeout) {
        if (timeout.toNanos() != timeoutNanos) {
            timeoutNanos = timeout.toNanos();
            entries.policy()
                    .expireAfterWrite()
                    .ifPresent(expiry -> expiry.setExpiresAfter(timeout.plus(CACHE_TOLERANCE)));
        }
    }

    /** Where the client was sent, null if that is unknown or too long ago. Renews nothing. */
    @Nullable
    SocketAddressSpec endpoint(InetAddress client) {
        Entry entry = entries.getIfPresent(client);
        return entry == null ? null : endpoint(entry);
    }

    /**
     * Records where the client goes, unless something else than {@code seen} has been recorded by now: then another
     * connection of this client has chosen first, and its choice stands.
     *
     * @return what is recorded
     */
    SocketAddressSpec claim(InetAddress client, @Nullable SocketAddressSpec seen, SocketAddressSpec endpoint) {
        return entries.asMap()
                .compute(client, (key, entry) -> {
                    SocketAddressSpec recorded = entry == null ? null : endpoint(entry);
                    return entry == null || recorded == null || recorded.equals(seen) ? entryOf(endpoint) : entry;
                })
                .endpoint;
    }

    /** Gives the record a full timeout again, or makes it anew; one that names another endpoint is left alone. */
    void renew(InetAddress client, SocketAddressSpec endpoint) {
        entries.asMap().compute(client, (key, entry) -> {
            SocketAddressSpec recorded = entry == null ? null : endpoint(entry);
            return entry == null || recorded == null || recorded.equals(endpoint) ? entryOf(endpoint) : entry;
        });
    }

    /** Forgets the record of a client if it still names this endpoint. */
    void drop(InetAddress client, SocketAddressSpec endpoint) {
        entries.asMap().computeIfPresent(client, (key, entry) -> entry.endpoint.equals(endpoint) ? null : entry);
    }

    /** About how many clients are remembered. Frees what has run out first, so not for an event loop that serves. */
    long size() {
        entries.cleanUp();
        return entries.estimatedSize();
    }

    private Entry entryOf(SocketAddressSpec endpoint) {
        return new Entry(endpoint, ticker.read());
    }

    private @Nullable SocketAddressSpec endpoint(Entry entry) {
        return ticker.read() - entry.renewedNanos < timeoutNanos ? entry.endpoint : null;
    }

    private record Entry(SocketAddressSpec endpoint, long renewedNanos) {}
}
