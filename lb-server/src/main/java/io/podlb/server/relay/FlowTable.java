package io.podlb.server.relay;

import io.podlb.server.service.FlowEnd;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All flows of one event loop, bounded. A flow that finds the table full takes the place of the one that has been
 * without a datagram for longest, among those of the lowest {@link Standing}: whoever floods the table with forged
 * source addresses displaces its own flows and not those of clients that talk with a backend.
 *
 * <p>Thread rule: its event loop.
 */
final class FlowTable<E extends FlowTable.Entry> {

    /** Most bytes of datagrams that are kept for another try elsewhere. */
    private static final long MAX_HELD_BYTES = 8L * 1024 * 1024;

    private final IntSupplier limit;
    private final FullTableLog log;
    // Oldest first in each: a flow moves to the end when it is used.
    private final Set<E> fresh = new LinkedHashSet<>();
    private final Set<E> answered = new LinkedHashSet<>();
    private final Set<E> assured = new LinkedHashSet<>();
    private int size;
    private long heldBytes;

    /** How well a flow has shown that its client is real. It only rises. */
    enum Standing {
        /** No backend has answered. */
        NEW,
        /** A backend has answered. */
        ANSWERED,
        /** The client has sent again after an answer. */
        ASSURED
    }

    /** A flow as its table sees it. In one table at a time; what is private here is that table's. */
    abstract static class Entry extends TimerWheel.Timer {
        private Standing standing = Standing.NEW;

        /** Ends the flow, which leaves the table. */
        abstract void end(FlowEnd reason);

        final Standing standing() {
            return standing;
        }
    }

    FlowTable(IntSupplier limit, FullTableLog log) {
        this.limit = limit;
        this.log = log;
    }

    /** Takes in a flow; ends another one if there is no room. */
    void add(E flow, long nanoTime) {
        for (int tooMany = size + 1 - limit.getAsInt(); tooMany > 0; tooMany--) { // the limit may have fallen
            E oldest = oldest();
            if (oldest != null) {
                log.evicted(nanoTime);
                oldest.end(FlowEnd.EVICTED);
            }
        }
        of(Standing.NEW).add(flow);
        size++;
    }

    private @Nullable E oldest() {
        for (Standing standing : Standing.values()) {
            Iterator<E> iterator = of(standing).iterator();
            if (iterator.hasNext()) {
                return iterator.next();
            }
        }
        return null;
    }

    void remove(E flow) {
        if (of(flow.standing()).remove(flow)) {
            size--;
        }
    }

    /** The flow was used, and may have risen. */
    void used(E flow, Standing now) {
        Entry entry = flow;
        if (of(entry.standing).remove(flow)) {
            entry.standing = now;
            of(now).add(flow);
        }
    }

    int size() {
        return size;
    }

    /** A copy, since flows come and go with what is done to them. */
    List<E> all() {
        List<E> all = new ArrayList<>(size);
        for (Standing standing : Standing.values()) {
            all.addAll(of(standing));
        }
        return all;
    }

    private Set<E> of(Standing standing) {
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
