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
 * Which endpoint each client of a service port was sent to (kube-semantics 8.2). Bounded in size and time; a record
 * runs out when its client has made no connection for the timeout. May be used by any thread.
 */
final class AffinityTable {

    private final Cache<InetAddress, SocketAddressSpec> records;

    AffinityTable(Duration timeout, int maxEntries, Ticker ticker) {
        // Eviction runs on the common pool, so that it never holds up an event loop.
        this.records = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .expireAfterWrite(timeout)
                .ticker(ticker)
                .executor(ForkJoinPool.commonPool())
                .build();
    }

    /** Changes the timeout of all records, those that exist included (kube-semantics 8.6). */
    void timeout(Duration timeout) {
        records.policy().expireAfterWrite().ifPresent(expiry -> expiry.setExpiresAfter(timeout));
    }

    @Nullable
    SocketAddressSpec endpoint(InetAddress client) {
        return records.getIfPresent(client);
    }

    /** Records where the client goes, with a full timeout ahead. */
    void put(InetAddress client, SocketAddressSpec endpoint) {
        records.put(client, endpoint);
    }

    /** Forgets the record of a client if it still names this endpoint. */
    void drop(InetAddress client, SocketAddressSpec endpoint) {
        records.asMap().remove(client, endpoint);
    }

    /** About how many clients are remembered. */
    long size() {
        return records.estimatedSize();
    }
}
