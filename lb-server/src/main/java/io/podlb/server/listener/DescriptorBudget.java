package io.podlb.server.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import io.podlb.server.service.Protocol;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who gets the descriptors of this process: listeners first, one for each socket, as long as there is room for a minimum
 * of connections beside them; of what they leave, up to a quarter goes to UDP flows, one each, where there is a UDP
 * listener; and the rest to connections, two each. A listener without a descriptor waits until another one goes.
 *
 * <p>Thread rule: the control thread; the limits may be read by any thread.
 */
public final class DescriptorBudget {

    private static final Logger logger = LoggerFactory.getLogger(DescriptorBudget.class);

    /** What the JVM, the admin endpoint and whoever else lives in this process need; and each event loop. */
    private static final int RESERVED = 256;

    private static final int PER_EVENT_LOOP = 4;
    private static final int PER_CONNECTION = 2;

    /** Connections that listeners leave room for, less where the limit is low, beside a full table of UDP flows. */
    private static final int LEAST_CONNECTIONS = 1024;

    private static final int FLOW_SHARE = 4; // one part in so many

    private final long limit;
    private final long available;
    private final long listenerRoom;
    private final int maxConnections;
    private final int maxFlows;
    private final Set<Runnable> waiting = new LinkedHashSet<>(); // control thread, as are the next two
    private long listeners;
    private long datagramListeners;
    private volatile int connections; // written by the control thread, as are the next two
    private volatile int flows;
    private volatile int waitingCount;

    private DescriptorBudget(long limit, int eventLoops, int maxConnections, int maxFlows) {
        this.limit = limit;
        this.available = limit - Math.min(RESERVED + (long) PER_EVENT_LOOP * eventLoops, limit / 4);
        // With a quarter of it for flows, what is left is enough for the connections.
        long least = (long) LEAST_CONNECTIONS * PER_CONNECTION * FLOW_SHARE / (FLOW_SHARE - 1);
        this.listenerRoom = available - Math.min(least, available / 4);
        this.maxConnections = maxConnections;
        this.maxFlows = maxFlows;
        divide();
    }

    /**
     * That of a process.
     *
     * @param limit its descriptors, see {@link #ofThisProcess}
     * @param maxConnections whatever the budget says; 0: what it says
     * @param maxFlows less where the budget says less
     */
    public static DescriptorBudget of(long limit, int eventLoops, int maxConnections, int maxFlows) {
        return new DescriptorBudget(limit, eventLoops, maxConnections, maxFlows);
    }

    /** The descriptor limit of this process, as the JVM sees it; a large number where the system has none. */
    public static long ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }

    /** Connections at a time, at least 1. */
    public int connections() {
        return connections;
    }

    /** UDP flows at a time, at least 1. */
    public int flows() {
        return flows;
    }

    /** Listeners that have no descriptor and wait for one. */
    public int waiting() {
        return waitingCount;
    }

    /** Whether what the user wants of connections is more than fits even without a listener. */
    public boolean isExceeded() {
        return maxConnections > available / PER_CONNECTION;
    }

    /** In words, for a person: the limit and what it is enough for. */
    public String explain() {
        return "descriptor limit " + limit + ", enough for " + listenerRoom + " listeners beside "
                + connections(available - listenerRoom, true) + " connections";
    }

    /**
     * Takes descriptors for the sockets of a listener, all or none.
     *
     * @param again who waits if there are none, and is called when there may be
     */
    boolean take(Runnable again, Protocol protocol, int sockets) {
        if (listeners + sockets > listenerRoom) {
            if (waiting.isEmpty()) {
                logger.warn(
                        "{}: {} are open and no other one is opened before one of them is closed; raise the limit"
                                + " (ulimit -n)",
                        explain(),
                        listeners);
            }
            waiting.add(again);
            waitingCount = waiting.size();
            return false;
        }
        forget(again);
        count(protocol, sockets);
        return true;
    }

    /** Gives them back, when the sockets are closed. */
    void release(Protocol protocol, int sockets) {
        count(protocol, -sockets);
        Iterator<Runnable> next = waiting.iterator();
        for (long room = listenerRoom - listeners; room > 0 && next.hasNext(); room--) {
            next.next().run(); // which takes later, and waits on if somebody was faster
        }
    }

    /** Who waited does so no more. */
    void forget(Runnable again) {
        if (waiting.remove(again)) {
            waitingCount = waiting.size();
            if (waiting.isEmpty()) {
                logger.info("descriptor limit {}: every listener has what it needs again", limit);
            }
        }
    }

    private void count(Protocol protocol, int sockets) {
        listeners += sockets;
        if (protocol == Protocol.UDP) {
            datagramListeners += sockets;
        }
        divide();
    }

    private void divide() {
        long rest = available - listeners;
        flows = atLeastOne(Math.min(maxFlows, rest / FLOW_SHARE));
        connections = maxConnections > 0 ? maxConnections : connections(rest, datagramListeners > 0);
    }

    private int connections(long rest, boolean withFlows) {
        return atLeastOne((rest - (withFlows ? Math.min(maxFlows, rest / FLOW_SHARE) : 0)) / PER_CONNECTION);
    }

    private static int atLeastOne(long count) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, count));
    }
}
