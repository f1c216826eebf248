package io.podlb.server.limit;

import com.github.benmanes.caffeine.cache.Ticker;
import io.podlb.server.backend.Backend;
import io.podlb.server.balance.BackendPool;
import io.podlb.server.metrics.TrafficMetrics;
import io.podlb.server.service.ConnectionLimits;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Counts the connections of one service port against its limits. Places of the service port and of backends are always
 * counted, so that a limit that is set holds for the connections that there are; those of clients only while there is a
 * limit, since it takes a table.
 *
 * <p>Thread rule: {@link #update} is for the control thread, all else for any thread.
 */
public final class Limiter {

    private final BackendPool pool;
    private final Ticker ticker;
    private final WaitingLine line;
    private final AtomicInteger taken = new AtomicInteger(); // places of the service port
    private volatile Rules rules = new Rules(ConnectionLimits.OFF, null, null); // written by the control thread

    public Limiter(BackendPool pool, Ticker ticker, TrafficMetrics metrics) {
        this.pool = pool;
        this.ticker = ticker;
        this.line = new WaitingLine(metrics);
    }

    /** Other limits, or other backends; connections that exist live on. */
    public void update(ConnectionLimits next) {
        Rules now = rules;
        ClientConnections clients = now.clients;
        if (next.perClient() == 0) {
            clients = null;
        } else if (clients == null) {
            clients = new ClientConnections();
        }
        ClientRates rates = now.rates;
        if (next.clientRatePerMinute() == 0) {
            rates = null;
        } else if (rates == null || rates.perMinute() != next.clientRatePerMinute()) {
            rates = new ClientRates(next.clientRatePerMinute(), ticker);
        }
        rules = new Rules(next, clients, rates);
        line.serveIfAny();
    }

    /** A connection of that client comes. */
    public Entry entry(InetAddress client) {
        return new Entry(this, client);
    }

    /** Returns the lease of a backend. */
    public void release(Backend backend) {
        backend.release();
        line.serveIfAny();
    }

    /** Lets nobody wait any more, for good. */
    public void close() {
        line.close();
    }

    Rules rules() {
        return rules;
    }

    BackendPool pool() {
        return pool;
    }

    WaitingLine line() {
        return line;
    }

    /** Takes a place of the service port; of two that want the last one, one gets it. */
    boolean takePlace() {
        int most = rules.limits.perService();
        if (most == 0) {
            taken.incrementAndGet();
            return true;
        }
        int before = taken.getAndUpdate(now -> now < most ? now + 1 : now);
        return before < most;
    }

    /** Whether every place of the service port is taken. */
    boolean isFull() {
        int most = rules.limits.perService();
        return most > 0 && taken.get() >= most;
    }

    void returnPlace() {
        taken.decrementAndGet();
    }

    /** Places that are taken. */
    int taken() {
        return taken.get();
    }

    /**
     * What holds now.
     *
     * @param clients null without a limit of connections per client
     * @param rates null without a limit of their rate
     */
    record Rules(
            ConnectionLimits limits,
            @Nullable ClientConnections clients,
            @Nullable ClientRates rates) {}
}
