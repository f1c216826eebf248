package io.podlb.server.relay;

import io.netty.channel.EventLoop;
import io.podlb.server.backend.Backend;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.LoopSockets;
import io.podlb.server.transport.RelaySocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One event loop with the connections confined to it.
 *
 * <p>Thread rule: everything but {@link #sockets} is for that event loop alone.
 */
public final class RelayLoop {

    private static final long REBALANCE_QUIET_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final EventLoop eventLoop;
    private final LoopSockets sockets;
    private final RelaySettings settings;
    private final OpenConnections connections;
    private final Predicate<SocketAddressSpec> ownAddresses;
    private final TimerWheel wheel;
    private final Set<Session> open = new LinkedHashSet<>();
    private final Map<Backend, Drain> leaving = new HashMap<>();
    private final Ended<ConnectionView> ended;
    private long nextId;

    RelayLoop(
            EventLoop eventLoop,
            int index,
            LoopSockets sockets,
            RelaySettings settings,
            OpenConnections connections,
            Predicate<SocketAddressSpec> ownAddresses) {
        this.ownAddresses = ownAddresses;
        this.eventLoop = eventLoop;
        this.sockets = sockets;
        this.settings = settings;
        this.connections = connections;
        this.ended = new Ended<>(settings.observer()::ended);
        this.wheel = new TimerWheel(eventLoop);
        this.nextId = (long) index << 48;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    /**
     * Takes over a client connection of this event loop: connects it to a backend that it is offered and relays, or turns
     * it away, which resets it and counts the reason.
     *
     * @param client closed by the session, whatever happens
     * @param peer where the connection comes from; null: it is gone already
     */
    public void relay(RelaySocket client, @Nullable InetSocketAddress peer, Route route, Decision decision) {
        Session session = begin(client, peer, route);
        if (decision.denied() == null && connections.beyondLimit()) {
            session.end(EndReason.CONNECTION_LIMIT);
        } else {
            session.start(decision);
        }
    }

    /** The same for the connection of a trusted proxy, which has to say whom it speaks for before that is decided. */
    public void relayAnnounced(RelaySocket client, InetSocketAddress peer, Route route, Decision.Rule rule) {
        Session session = begin(client, peer, route);
        if (connections.beyondLimit()) {
            session.end(EndReason.CONNECTION_LIMIT);
        } else {
            session.awaitHeader(rule);
        }
    }

    private Session begin(RelaySocket client, @Nullable InetSocketAddress peer, Route route) {
        assert eventLoop.inEventLoop();
        connections.add();
        Session session = new Session(this, nextId++, client, peer, route);
        open.add(session);
        return session;
    }

    /** Forgets a session that has ended. */
    void ended(Session session, ConnectionView last) {
        open.remove(session);
        ended.add(last);
        connections.release(); // whoever waits for the last one finds its record
    }

    /** A session has reached its backend, which may have left meanwhile. */
    void connected(Session session, Backend backend) {
        Drain drain = leaving.isEmpty() ? null : leaving.get(backend);
        if (drain != null) {
            drain.join(session);
        }
    }

    /** Begins to end the connections of a backend, those that are being dialled included. */
    boolean drain(Drain drain) {
        leaving.put(drain.backend(), drain);
        for (Session session : List.copyOf(open)) {
            if (session.isWith(drain.backend())) {
                drain.join(session);
            }
        }
        long longest = drain.withinNanos() + settings.connectBudgetNanos();
        eventLoop.schedule(() -> leaving.remove(drain.backend(), drain), longest, TimeUnit.NANOSECONDS);
        return true;
    }

    /**
     * Asks connections of a backend to end, those first that have been quiet for longest.
     *
     * @param tickets one is taken for each
     */
    boolean finish(Backend backend, AtomicInteger tickets) {
        List<Session> quiet = new ArrayList<>();
        for (Session session : open) {
            if (session.isWith(backend) && session.settledNanos() >= REBALANCE_QUIET_NANOS && !session.isFinishing()) {
                quiet.add(session);
            }
        }
        quiet.sort(Comparator.comparingLong(Session::settledNanos).reversed());
        for (Session session : quiet) {
            if (tickets.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                return false;
            }
            if (session.finish(EndReason.REBALANCED)) {
                session.farewell(
                        new Farewell(
                                session, EndReason.REBALANCED, EndReason.HALF_CLOSED_TIMEOUT, Farewell.NEVER, null),
                        0);
            }
        }
        return true;
    }

    /** Whether a connect to this address would come back to this process. */
    boolean leadsBack(SocketAddressSpec address) {
        return ownAddresses.test(address);
    }

    /** Its sockets; listening ones may be made by any thread. */
    public LoopSockets sockets() {
        return sockets;
    }

    RelaySettings settings() {
        return settings;
    }

    TimerWheel wheel() {
        return wheel;
    }

    long nanoTime() {
        return eventLoop.ticker().nanoTime();
    }

    List<ConnectionView> snapshot() {
        List<ConnectionView> views = new ArrayList<>(ended.latest());
        for (Session session : open) {
            views.add(session.view(null));
        }
        return views;
    }

    int cutAll() {
        List<Session> now = new ArrayList<>(open);
        for (Session session : now) {
            session.end(EndReason.SHUTDOWN);
        }
        return now.size();
    }
}
