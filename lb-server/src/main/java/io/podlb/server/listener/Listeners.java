package io.podlb.server.listener;

import com.codahale.metrics.Counter;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.relay.RelayLoops;
import io.podlb.server.relay.Route;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.Transport;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Every listening address and who has claimed it (kube-semantics 10.4). An address belongs to the first service port
 * that claims it, even while its listener is closed; a second claimant is reported and gets it when the first one lets
 * go.
 *
 * <p>Thread rule: the control thread; {@link #view} and {@link #listensOn} may be called by any thread. Changes take
 * effect with {@link #settle}.
 */
public final class Listeners {

    private final EventExecutor control;
    private final EventLoopGroup loops;
    private final AcceptPath path;
    private final Map<Object, Listener> listeners =
            new ConcurrentHashMap<>(); // by claim; written by the control thread
    private final Map<Route, Listener> holders = new ConcurrentHashMap<>();
    private final Map<Route, String> waiting = new ConcurrentHashMap<>(); // and who is in the way
    private final Set<Listener> changed = new LinkedHashSet<>();
    private final List<CompletableFuture<Void>> closing = new ArrayList<>();

    /**
     * @param loops where listening sockets are registered; not closed here
     * @param admission who may use a front end
     * @param acceptPauses counts the times that accepting stopped for want of a descriptor
     */
    public Listeners(
            EventExecutor control,
            EventLoopGroup loops,
            Transport transport,
            RelayLoops relays,
            Admission admission,
            Counter acceptPauses) {
        this.control = control;
        this.loops = loops;
        this.path = new AcceptPath(transport, relays, admission, new AcceptGate(control, acceptPauses));
    }

    /** Claims the address of a front end. */
    public void add(Route route) {
        Object claim = claim(route);
        Listener listener = listeners.get(claim);
        if (listener == null) {
            listener = new Listener(route.frontend().bind(), route.port(), control, loops, path);
            listeners.put(claim, listener);
        } else if (!sameServicePort(listener.owner(), route.port())) {
            wait(route, "it belongs to " + listener.owner());
            return;
        } else if (listener.route(route.port().family()) != null) {
            wait(route, "this service port has it already");
            return;
        }
        listener.route(route.port().family(), route);
        holders.put(route, listener);
        waiting.remove(route);
        changed.add(listener);
    }

    private void wait(Route route, String obstacle) {
        if (waiting.put(route, obstacle) == null) {
            route.metrics().bindFailed();
        }
    }

    /** Gives up the address of a front end. Connections go on. */
    public void remove(Route route) {
        waiting.remove(route);
        Listener listener = holders.remove(route);
        if (listener == null) {
            return;
        }
        listener.route(route.port().family(), null);
        if (listener.hasRoutes()) {
            changed.add(listener);
        } else {
            listeners.remove(claim(route));
            changed.remove(listener);
            closing.add(listener.close());
        }
    }

    /** The endpoints of a front end may have come or gone. */
    public void touch(Route route) {
        Listener listener = holders.get(route);
        if (listener != null) {
            changed.add(listener);
        }
    }

    /**
     * Closes what has nothing to offer, and then opens what has.
     *
     * @return completes when every listener that changed is open or closed, or its failure is known
     */
    public CompletableFuture<Void> settle() {
        List.copyOf(waiting.keySet()).forEach(this::add); // an address may have been given up
        List<Listener> opening = new ArrayList<>();
        for (Listener listener : changed) {
            if (listener.wanted()) {
                opening.add(listener);
            } else {
                closing.add(listener.close());
            }
        }
        changed.clear();
        // A wildcard and a single address of one port exclude each other, so all closing comes before any opening.
        CompletableFuture<Void> closed = allOf(closing);
        closing.clear();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        all.add(closed);
        for (Listener listener : opening) {
            all.add(listener.open(closed));
        }
        return allOf(all);
    }

    /**
     * Whether connections to this address would come back to podlb itself. An endpoint there would be a circle, and
     * Kubernetes forbids cluster IPs as endpoints.
     */
    public boolean listensOn(SocketAddressSpec address) {
        return isOpen(listeners.get(address))
                || isOpen(listeners.get(address.port())) && path.admission().isOwn(address.address());
    }

    /** A mere claim proves nothing: somebody else may listen there, the very backend for example. */
    private static boolean isOpen(@Nullable Listener listener) {
        return listener != null && listener.status().state() == State.OPEN;
    }

    /** What became of a front end. */
    public ListenerView view(Route route) {
        Listener listener = holders.get(route);
        if (listener != null) {
            Listener.Status status = listener.status();
            return new ListenerView(route.port(), route.frontend(), status.state(), status.bound(), status.failure());
        }
        String obstacle = waiting.get(route);
        return new ListenerView(
                route.port(),
                route.frontend(),
                obstacle == null ? State.EMPTY : State.FAILED,
                null,
                obstacle == null
                        ? null
                        : "cannot listen on " + route.frontend().bind() + ": " + obstacle
                                + "; give one of the two another address or port");
    }

    private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> futures) {
        return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
    }

    /** A wildcard socket takes both families. Where the system chooses the port, nobody can be in the way. */
    private static Object claim(Route route) {
        SocketAddressSpec bind = route.frontend().bind();
        if (bind.port() == 0) {
            return route;
        }
        InetAddress address = bind.address();
        return address.isAnyLocalAddress() ? (Object) bind.port() : bind;
    }

    private static boolean sameServicePort(ServicePortName a, ServicePortName b) {
        return a.namespace().equals(b.namespace())
                && a.service().equals(b.service())
                && a.port().equals(b.port())
                && a.protocol() == b.protocol();
    }
}
