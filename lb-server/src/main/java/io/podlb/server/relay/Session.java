package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.BackendPool;
import io.podlb.server.balance.Offer;
import io.podlb.server.fault.FaultPlan;
import io.podlb.server.limit.Entry;
import io.podlb.server.metrics.ServicePortMetrics;
import io.podlb.server.proxy.ProxyHeader.Announced;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.Fault.Direction;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.transport.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection, from the accept to its one {@link EndReason}: dialling, then relaying, then ended.
 *
 * <p>It alone closes its two sockets. An end by anything but the regular ends of both streams resets both, so that
 * nobody takes a cut stream for a complete one.
 *
 * <p>Thread rule: the event loop of the client's socket, which is also that of the backend's.
 */
final class Session {

    private static final Logger logger = LoggerFactory.getLogger(Session.class);
    private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Tries NO_TRIES = new Tries(); // of who was turned away

    private final RelayLoop loop;
    private final long id;
    private final long ordinal;
    private final Route route;
    private final FrontendSpec frontend;
    private final Caller caller;
    private final long startNanos;
    private final Side clientSide;
    private final Quiet quiet = new Quiet(this);
    private @Nullable HeaderWait header; // while its client has to say whom it speaks for
    private @Nullable Offer offer; // from the start
    private @Nullable Entry entry; // from the start; what it holds of the limits
    private @Nullable Dial dial; // from the start until connected, and after for the view
    private @Nullable Side backendSide; // once connected
    private @Nullable Backend backend; // once connected; its lease is ours
    private long connectedNanos;
    private @Nullable Side firstToEnd;
    private @Nullable Side lastToSend;
    private @Nullable Farewell farewell; // once it should end
    private @Nullable EndReason finishing; // once its client was sent FIN for that reason
    private boolean ended;

    /** @param peer where the connection comes from; null: it is gone already */
    Session(RelayLoop loop, long id, RelaySocket socket, @Nullable InetSocketAddress peer, Route route) {
        this.loop = loop;
        this.id = id;
        this.ordinal = route.nextOrdinal();
        this.route = route;
        this.frontend = route.frontend();
        this.caller = new Caller(socket, peer);
        this.startNanos = loop.nanoTime();
        this.clientSide = new Side(this, socket);
        metrics().accepted();
    }

    /** Waits for the header that says whom its client speaks for, and goes on by that rule. */
    void awaitHeader(Decision.Rule rule) {
        header = new HeaderWait(this, clientSide, rule);
        header.begin();
    }

    /** Something came from a side before both were there. */
    void receivedEarly() {
        if (header != null) {
            header.look();
        }
    }

    /** The header was read. */
    void identified(@Nullable Announced announced, Decision.Rule rule) {
        header = null;
        caller.announced(announced);
        start(rule.of(clientAddress()));
    }

    /** Begins to dial a backend of the set that the client is offered, if it may have one more connection. */
    void start(Decision decision) {
        Entry admitted = route.limiter().entry(clientAddress());
        EndReason refused = decision.denied() == null ? admitted.admit() : decision.denied();
        if (refused != null) {
            end(refused);
            return;
        }
        entry = admitted;
        offer = route.pool().offer(decision.set());
        dial = new Dial(this, admitted, decision.set(), route);
        dial.begin();
    }

    RelayLoop loop() {
        return loop;
    }

    InetAddress clientAddress() {
        return caller.address().address();
    }

    ServicePortMetrics metrics() {
        return route.metrics();
    }

    ServicePortName port() {
        return route.port();
    }

    BackendPool pool() {
        return route.pool();
    }

    /** What is done to the connection on purpose if it goes to that backend; null: nothing. */
    @Nullable
    FaultPlan faults(BackendSpec of) {
        return route.faults().plan(of, ordinal);
    }

    boolean hasEnded() {
        return ended;
    }

    /** The dial takes longer than one try: from now on a client that gives up is noticed. */
    void dialGoesOn() {
        clientSide.readEarly();
    }

    /** It waits for a place: a client that gives up is noticed, whatever it has sent. */
    void waits() {
        clientSide.watch();
    }

    /** The dial succeeded: takes over the lease and relays. */
    void connected(Backend connectedTo, Side side, long connectNanos) {
        backend = connectedTo;
        backendSide = side;
        connectedNanos = loop.nanoTime();
        metrics().connected(connectNanos);
        connectedTo.metrics().connected(connectNanos);
        quiet.begin();
        FaultPlan faults = dial == null ? null : dial.faults();
        if (faults != null) {
            clientSide.meets(faults.stream(Direction.TO_BACKEND));
            side.meets(faults.stream(Direction.TO_CLIENT));
        }
        Side.join(clientSide, side, caller.header(route.proxyProtocol().send(), id, route.port()));
        if (!ended) {
            loop.connected(this, connectedTo);
            long age = pool().ageLimitNanos();
            if (age > 0 && farewell == null) {
                farewell(new Farewell(this, EndReason.AGED, EndReason.HALF_CLOSED_TIMEOUT, Farewell.NEVER, null), age);
            }
        }
    }

    /** Bytes went from one side to the other. */
    void relayed(Side from, int bytes) {
        quiet.interrupted();
        lastToSend = from;
        Backend to = backend;
        if (to == null) {
            return;
        }
        if (from == clientSide) {
            metrics().toBackend(bytes);
            to.metrics().toBackend(bytes);
        } else {
            metrics().toClient(bytes);
            to.metrics().toClient(bytes);
        }
    }

    /** The stream from one side is complete. From now on the shorter timeout counts. */
    void inputEnded(Side side) {
        if (header != null) {
            end(EndReason.PROXY_INVALID); // an end where a header should be
        } else if (firstToEnd == null) {
            firstToEnd = side;
            quiet.halfClosed();
        }
    }

    /** Lets the kernel see whether both peers are there. */
    void keepAlive() {
        clientSide.socket().keepAlive();
        if (backendSide != null) {
            backendSide.socket().keepAlive();
        }
    }

    /** The end of a stream was passed on. */
    void outputEnded() {
        Side backend = backendSide;
        if (backend != null && clientSide.finished() && backend.finished()) {
            EndReason usual = firstToEnd == clientSide ? EndReason.CLIENT_CLOSED : EndReason.BACKEND_CLOSED;
            end(finishing == null ? usual : finishing);
        }
    }

    boolean isWith(Backend other) {
        return backend == other;
    }

    /** From now on it should end; this takes the place of an earlier wish. */
    void farewell(Farewell next, long afterNanos) {
        if (farewell != null) {
            farewell.replaced();
        }
        farewell = next;
        next.begin(afterNanos);
    }

    /** How long it has been quiet since the client was answered, in nanoseconds; 0 if somebody waits for something. */
    long settledNanos() {
        Side backend = backendSide;
        boolean settled = backend != null && clientSide.isIdle() && backend.isIdle() && lastToSend != clientSide;
        return settled ? quiet.nanos() : 0;
    }

    /** Whether its client was sent FIN, to make it close. */
    boolean isFinishing() {
        return finishing != null;
    }

    /**
     * Sends FIN to the client if that loses nothing.
     *
     * @param reason how the connection ends if the client closes, too
     * @return whether it was sent
     */
    boolean finish(EndReason reason) {
        if (ended || finishing != null || settledNanos() < QUIET_NANOS) {
            return false;
        }
        finishing = reason;
        clientSide.finishEarly();
        return true;
    }

    /** The backend has sent something after the client was sent FIN. */
    void undeliverable() {
        end(EndReason.INTERRUPTED);
    }

    /** One side is gone. A backend that was only being dialled is the matter of the dial. */
    void lost(Side side) {
        if (side == clientSide && !side.wasCut()) {
            end(EndReason.CLIENT_RESET);
        } else if (side == backendSide || side == clientSide) { // a cut looks like the backend's doing
            end(EndReason.BACKEND_RESET);
        }
    }

    /** Something threw that never should. */
    void failed(Throwable cause) {
        logger.error("{} connection of {} failed inside podlb", route.port(), caller.address(), cause);
        end(EndReason.INTERNAL_ERROR);
    }

    /** Ends the connection, once; later calls do nothing. */
    void end(EndReason reason) {
        if (ended) {
            return;
        }
        ended = true;
        quiet.cancel();
        if (farewell != null) {
            farewell.ended(reason);
        }
        if (header != null) {
            header.cancel();
        }
        record(reason); // before the sockets are closed: whoever sees the end finds it counted
        boolean clean = !reason.isFailure();
        close(clientSide, clean);
        if (dial != null) {
            dial.cancel();
        }
        if (backendSide != null) {
            close(backendSide, clean);
        }
    }

    private void record(EndReason reason) {
        long now = loop.nanoTime();
        metrics().ended(reason);
        Backend leased = backend;
        if (leased != null) {
            metrics().sessionTime(now - connectedNanos);
            leased.metrics().ended(reason, now - connectedNanos);
        }
        if (entry != null) {
            entry.leave(leased);
        }
        ConnectionView last = view(reason);
        logger.debug("{} connection ended: {}", route.port(), last);
        loop.ended(this, last);
    }

    private static void close(Side side, boolean clean) {
        side.discard();
        if (!clean) {
            side.socket().reset();
        }
        side.socket().close();
    }

    ConnectionView view(@Nullable EndReason reason) {
        long now = loop.nanoTime();
        Offer offered = offer;
        Tries tries = dial == null ? NO_TRIES : dial.tries();
        BackendSpec latest = tries.backend();
        Side connectedSide = backendSide;
        return new ConnectionView(
                id,
                ordinal,
                route.port(),
                frontend,
                caller.address(),
                offered == null ? route.pool().policy() : offered.policy(),
                offered == null ? List.of() : offered.balancer().candidates(),
                tries.all(reason == null ? null : Outcome.CANCELLED, now),
                latest == null ? null : latest.address(),
                latest == null ? null : latest.pod(),
                tries.reason(),
                tries.begun(),
                dial == null ? List.of() : dial.faultsMet(),
                clientSide.bytesRead(),
                connectedSide == null ? 0 : connectedSide.bytesRead(),
                route.accessLog(),
                startNanos,
                TimeUnit.NANOSECONDS.toMillis(now - startNanos),
                reason);
    }
}
