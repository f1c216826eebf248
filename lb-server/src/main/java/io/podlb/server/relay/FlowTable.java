package io.podlb.server.relay;

import io.podlb.server.service.FlowEnd;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All flows of one event loop, bounded. A flow that finds the table full takes the place of the one that has been
 * without a datagram for longest, among those of the lowest {@link Standing}: whoever floods the table with forged
 * source addresses displaces its own flows and not those of clients that talk with a backend.
 *
 * <p>Thread rule: its event loop.
 */
final class FlowTable {

    /** Most bytes of datagrams that are kept for another try elsewhere. */
    private static final long MAX_HELD_BYTES = 8L * 1024 * 1024;

    /** How well a flow has shown that its client is real. It only rises. */
    enum Standing {
        /** No backend has answered. */
        NEW,
        /** A backend has answered. */
        ANSWERED,
        /** The client has sent again after an answer. */
        ASSURED
    }

    private final int limit;
    private final FullTableLog log;
    // Oldest first in each: a flow moves to the end when it is used.
    private final Set<UdpFlow> fresh = new LinkedHashSet<>();
    private final Set<UdpFlow> answered = new LinkedHashSet<>();
    private final Set<UdpFlow> assured = new LinkedHashSet<>();
    private int size;
    private long heldBytes;

    FlowTable(int limit, FullTableLog log) {
        this.limit = limit;
        this.log = log;
    }

    /** Takes in a flow; ends another one if there is no room. */
    void add(UdpFlow flow, long nanoTime) {
        if (size == limit) {
            UdpFlow oldest = oldest();
            if (oldest != null) {
                log.evicted(nanoTime);
                oldest.end(FlowEnd.EVICTED);
            }
        }
        of(Standing.NEW).add(flow);
        size++;
    }

    private @Nullable UdpFlow oldest() {
        for (Set<UdpFlow> equals : List.of(fresh, answered, assured)) {
            Iterator<UdpFlow> iterator = equals.iterator();
            if (iterator.hasNext()) {
                return iterator.next();
            }
        }
        return null;
    }

    void remove(UdpFlow flow, Standing standing) {
        if (of(standing).remove(flow)) {
            size--;
        }
    }

    /** The flow was used, and may have risen. */
    void moveToEnd(UdpFlow flow, Standing from, Standing to) {
        if (of(from).remove(flow)) {
            of(to).add(flow);
        }
    }

    private Set<UdpFlow> of(Standing standing) {
        return switch (standing) {
            case NEW -> fresh;
            case ANSWERED -> answered;
            case ASSURED -> assured;
        };
    }

    /** Counts bytes that are kept, or no longer if negative. */
    void held(long bytes) {
        heldBytes += bytes;
    }

    boolean holdsTooMuch() {
        return heldBytes > MAX_HELD_BYTES;
    }
}
