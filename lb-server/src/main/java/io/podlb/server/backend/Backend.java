package io.podlb.server.backend;

import io.podlb.server.metrics.BackendMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Running state of one backend address of one service port. It lives as long as the address is listed or a connection
 * still uses it, across any number of table versions.
 *
 * <p>Thread rule: the spec is replaced by the control thread alone; the count of active connections and the metrics
 * may be touched by any event loop.
 */
public final class Backend {

    private final SocketAddressSpec address;
    private final BackendMetrics metrics;
    private final AtomicInteger active = new AtomicInteger();
    private final Reachability reachability = new Reachability();
    private volatile BackendSpec spec; // written by the control thread
    private volatile int weight; // written by the control thread

    public Backend(BackendSpec spec, BackendMetrics metrics) {
        this.address = spec.address();
        this.spec = spec;
        this.weight = spec.weight();
        this.metrics = metrics;
    }

    public SocketAddressSpec address() {
        return address;
    }

    /** The newest description of this address. */
    public BackendSpec spec() {
        return spec;
    }

    /** Replaces the description. Control thread only. */
    public void update(BackendSpec next) {
        if (!next.address().equals(address)) {
            throw new IllegalArgumentException("address: " + next.address() + " (expected: " + address + ")");
        }
        spec = next;
    }

    /** Its share relative to the others of its pool, for the next list that balancers get. */
    public int weight() {
        return weight;
    }

    /** Replaces the weight; what the spec says at first. Control thread only. */
    public void weight(int next) {
        weight = next;
    }

    /** Connections that hold this backend now, counted from the pick and not from the completed connect. */
    public int active() {
        return active.get();
    }

    /** Takes a share of this backend for one connection attempt; each lease is returned exactly once. */
    public void lease() {
        active.incrementAndGet();
    }

    /**
     * The same, unless there are so many leases already; of two that want the last one, one gets it.
     *
     * @param most connections at a time
     * @return whether it was taken
     */
    public boolean tryLease(int most) {
        int now = active.get();
        while (now < most) {
            int seen = active.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    /** Returns a lease. */
    public void release() {
        active.decrementAndGet();
    }

    /** Whether it could be reached lately. */
    public Reachability reachability() {
        return reachability;
    }

    public BackendMetrics metrics() {
        return metrics;
    }

    /** {@code web-1 (10.244.0.11:80)}, or the address alone where no Pod is known. */
    @Override
    public String toString() {
        String pod = spec.pod();
        return pod == null ? address.toString() : pod + " (" + address + ")";
    }
}
