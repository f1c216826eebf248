package io.podlb.server.limit;

import io.podlb.server.metrics.TrafficMetrics;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The connections of one service port that wait for a place, first come, first served. Whoever frees something gives it
 * to the first that can use it, there and then, on the thread that freed it; the connection hears of it on its own event
 * loop. So nothing that is free is ever looked for again, and no place is lost between two event loops.
 *
 * <p>A place is freed before it is asked whether anybody waits, and a connection joins before it looks once more for what
 * is free; so one of the two finds the other.
 *
 * <p>May be used by any thread. It locks, but only while there are connections that wait.
 */
final class WaitingLine {

    /** Most connections that wait; one more is refused. */
    static final int MOST = 1024;

    private final TrafficMetrics metrics;
    private final Set<Turn> turns = new LinkedHashSet<>(); // guarded by this
    private volatile int size; // written under the lock
    private volatile boolean closed; // written under the lock

    WaitingLine(TrafficMetrics metrics) {
        this.metrics = metrics;
    }

    boolean isEmpty() {
        return size == 0;
    }

    boolean isClosed() {
        return closed;
    }

    /** Joins the end; false if there is no room. */
    synchronized boolean join(Turn turn) {
        if (closed || turns.size() >= MOST) {
            return false;
        }
        turns.add(turn);
        size = turns.size();
        metrics.waits();
        serve();
        return true;
    }

    /** It waits no more. Nothing happens if it does not wait. */
    synchronized void remove(Turn turn) {
        if (turns.remove(turn)) {
            left();
        }
    }

    private void left() {
        size = turns.size();
        metrics.waited();
    }

    /** Something may be free. */
    void serveIfAny() {
        if (!isEmpty()) {
            serve();
        }
    }

    private synchronized void serve() {
        boolean noPlace = false;
        Set<EndpointSet> full = EnumSet.noneOf(EndpointSet.class);
        Iterator<Turn> inOrder = turns.iterator();
        while (inOrder.hasNext()) {
            Turn turn = inOrder.next();
            if (noPlace && !turn.hasPlace() || full.contains(turn.set())) {
                continue; // what those before it did not get it does not get either
            }
            if (turn.take()) {
                inOrder.remove();
                left();
                turn.tell();
            } else if (turn.limit() == EndReason.SERVICE_LIMIT) {
                noPlace = true;
            } else if (turn.takesAny()) {
                full.add(turn.set());
            }
        }
    }

    /** Nobody is to wait any more: all hear that they were given nothing. */
    synchronized void close() {
        closed = true;
        for (Turn turn : Set.copyOf(turns)) {
            remove(turn);
            turn.tell();
        }
    }
}
