package io.podlb.server.listener;

import io.podlb.server.relay.Decision;
import io.podlb.server.relay.LocalFailure;
import io.podlb.server.relay.RelayLoop;
import io.podlb.server.relay.Route;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.transport.Acceptance;
import io.podlb.server.transport.RelaySocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections off one listening socket and hands each to an event loop, where it stays. Nothing here waits: a
 * backend that is slow to answer holds up nobody else.
 */
final class Acceptor implements Acceptance {

    private static final Logger logger = LoggerFactory.getLogger(Acceptor.class);

    private final AcceptPath path;
    private final String title;
    private final AtomicReferenceArray<@Nullable Route> routes; // by family; written by the control thread

    Acceptor(AcceptPath path, String title, AtomicReferenceArray<@Nullable Route> routes) {
        this.path = path;
        this.title = title;
        this.routes = routes;
    }

    @Override
    public void accepted(Accepted connection) {
        RelayLoop loop = path.loops().next();
        connection.moveTo(loop.sockets(), client -> admit(client, loop));
    }

    private void admit(RelaySocket client, RelayLoop loop) {
        InetSocketAddress remote = client.remoteAddress();
        if (remote == null) {
            // Gone before it was looked at; it counts as any other.
            Route any = route(IpFamily.IPV4) != null ? route(IpFamily.IPV4) : route(IpFamily.IPV6);
            end(client, loop, null, any, EndReason.CLIENT_RESET);
            return;
        }
        InetAddress address = InetAddresses.canonical(remote.getAddress());
        Route route = route(IpFamily.of(address));
        if (route == null) {
            // A socket for both families, and the Service has endpoints in the other one alone.
            Route other = route(IpFamily.of(address) == IpFamily.IPV4 ? IpFamily.IPV6 : IpFamily.IPV4);
            end(client, loop, remote, other, EndReason.NO_BACKEND);
            return;
        }
        if (!route.proxyProtocol().required()) {
            loop.relay(client, remote, route, decide(route, address));
        } else if (path.admission().trusts(address)) {
            // The family of the connection has chosen the route; the announced client may be of the other one.
            loop.relayAnnounced(client, remote, route, announced -> decide(route, announced));
        } else {
            loop.relay(client, remote, route, Decision.deny(EndReason.PROXY_UNTRUSTED));
        }
    }

    /** What becomes of a client, wherever its address is known from. */
    private Decision decide(Route route, InetAddress client) {
        FrontendSpec frontend = route.frontend();
        if (!Admission.admits(frontend, client)) {
            return Decision.deny(EndReason.SOURCE_DENIED);
        }
        EndpointSet set = path.admission().set(frontend, client);
        boolean localPolicy = frontend.endpointSet() != frontend.nodeLocalSet();
        return localPolicy && route.pool().balancer(set).candidates().isEmpty()
                ? Decision.deny(EndReason.NOT_LOCAL)
                : Decision.offer(set);
    }

    private static void end(
            RelaySocket client,
            RelayLoop loop,
            @Nullable InetSocketAddress peer,
            @Nullable Route route,
            EndReason reason) {
        if (route == null) {
            client.close(); // the listener is being closed
        } else {
            loop.relay(client, peer, route, Decision.deny(reason));
        }
    }

    private @Nullable Route route(IpFamily family) {
        return routes.get(index(family));
    }

    /** Where the route of a family stands among the routes. */
    static int index(IpFamily family) {
        return family == IpFamily.IPV4 ? 0 : 1;
    }

    @Override
    public void failed(Throwable cause) {
        if (LocalFailure.outOfDescriptors(cause)) {
            path.gate().pause();
        } else {
            // A client that was gone before it could be accepted, for example. The listener goes on.
            logger.debug("{} could not accept: {}", title, cause.toString());
        }
    }
}
