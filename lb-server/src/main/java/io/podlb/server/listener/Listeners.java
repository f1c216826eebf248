package io.podlb.server.listener;

import com.codahale.metrics.Counter;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.relay.RelayLoops;
import io.podlb.server.relay.Route;
import io.podlb.server.relay.UdpLoops;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
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
    private final UdpLoops datagrams;
    private final AcceptPath path;
    private final DescriptorBudget budget;
    private final Map<Claim, Listener> listeners = new ConcurrentHashMap<>(); // written by the control thread
    private final Map<Route, Listener> holders = new ConcurrentHashMap<>();
    private final Map<Route, String> waiting = new ConcurrentHashMap<>(); // and who is in the way
    private final Set<Listener> changed = new LinkedHashSet<>();
    private final List<CompletableFuture<Void>> closing = new ArrayList<>();
    private final List<Listener> draining = new ArrayList<>();
    private final List<CompletableFuture<Void>> drained = new ArrayList<>();

    /**
     * @param admission who may use a front end
     * @param datagrams where UDP sockets are registered
     * @param budget gives listeners their descriptors
     * @param acceptPauses counts the times that accepting stopped for want of a descriptor
     */
    public Listeners(
            EventExecutor control,
            RelayLoops relays,
            UdpLoops datagrams,
            Admission admission,
            DescriptorBudget budget,
            Counter acceptPauses) {
        this.control = control;
        this.datagrams = datagrams;
        this.budget = budget;
        this.path = new AcceptPath(relays, admission, new AcceptGate(control, acceptPauses));
    }

    /** Claims the address of a front end. */
    public void add(Route route) {
        Claim claim = claim(route);
        Listener listener = listeners.get(claim);
        if (listener == null) {
            listener = route.port().protocol() == Protocol.UDP
                    ? Listener.udp(route, control, datagrams, path.admission(), budget)
                    : Listener.tcp(route, control, path, budget);
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
        Listener listener = release(route);
        if (listener != null) {
            closing.add(listener.close());
            listener.retire();
        }
    }

    /** The same, but UDP flows go on too, until {@link #endFlows}; see {@link #drained}. */
    public void drain(Route route) {
        if (route.port().protocol() != Protocol.UDP) {
            remove(route);
            return;
        }
        Listener listener = release(route);
        if (listener != null) {
            draining.add(listener);
            drained.add(listener.drain());
        }
    }

    /** Completes when every address that was to be drained is free. */
    public CompletableFuture<Void> drained() {
        return allOf(drained);
    }

    /** Ends the UDP flows that {@link #drain} let go on. */
    public void endFlows() {
        draining.forEach(Listener::retire);
        draining.clear();
    }

    /** Its listener, if nobody needs that any more. */
    private @Nullable Listener release(Route route) {
        waiting.remove(route);
        Listener listener = holders.remove(route);
        if (listener == null) {
            return null;
        }
        listener.route(route.port().family(), null);
        if (listener.hasRoutes()) {
            changed.add(listener);
            return null;
        }
        listeners.remove(claim(route));
        changed.remove(listener);
        return listener;
    }

    /**
     * Ends the UDP flows of a front end whose backend is not among these, unless there are none (kube-semantics 9.3,
     * 9.5); done when the next {@link #settle} is.
     */
    public void endStale(Route route, Set<SocketAddressSpec> serving) {
        Listener listener = holders.get(route);
        if (listener != null) {
            closing.add(listener.endStale(serving));
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
     * Whether connections or datagrams to this address would come back to podlb itself. An endpoint there would be a
     * circle, and Kubernetes forbids cluster IPs as endpoints.
     */
    public boolean listensOn(Protocol protocol, SocketAddressSpec address) {
        return isOpen(listeners.get(new Claim(protocol, address)))
                || isOpen(listeners.get(wildcard(protocol, address)))
                        && path.admission().isOwn(address.address());
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

    /** What a listener takes for itself; the same for each that would be in its way. Each protocol has its own ports. */
    private record Claim(Protocol protocol, Object address) {}

    /** Where the system chooses the port, nobody can be in the way. */
    private static Claim claim(Route route) {
        SocketAddressSpec bind = route.frontend().bind();
        Protocol protocol = route.port().protocol();
        if (bind.port() == 0) {
            return new Claim(protocol, route);
        }
        return bind.address().isAnyLocalAddress() ? wildcard(protocol, bind) : new Claim(protocol, bind);
    }

    /** A wildcard socket of TCP takes both families; UDP has sockets of one family each in its place. */
    private static Claim wildcard(Protocol protocol, SocketAddressSpec address) {
        return new Claim(
                protocol,
                protocol == Protocol.UDP ? address.family() + " port " + address.port() : (Object) address.port());
    }

    private static boolean sameServicePort(ServicePortName a, ServicePortName b) {
        return a.namespace().equals(b.namespace())
                && a.service().equals(b.service())
                && a.port().equals(b.port())
                && a.protocol() == b.protocol();
    }
}
