package io.podlb.server.listener;

import io.podlb.server.relay.Route;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.ListenSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The listening socket of a TCP front end. Connections that it accepted do not need it any more. */
final class TcpBinding implements Binding {

    private final FrontendSpec frontend;
    private final String title;
    private final AcceptPath path;
    private final AtomicReferenceArray<@Nullable Route> routes;
    private @Nullable ListenSocket server; // from before the bind until the close

    /**
     * @param first says where; any other route of the listener has the same address
     * @param routes by family; written by the control thread
     */
    TcpBinding(Route first, AcceptPath path, AtomicReferenceArray<@Nullable Route> routes) {
        this.frontend = first.frontend();
        this.title = first.port() + " on " + frontend.bind();
        this.path = path;
        this.routes = routes;
    }

    @Override
    public CompletableFuture<SocketAddressSpec> open() {
        ListenSocket socket;
        try {
            socket = path.loops().next().sockets().newListener(new Acceptor(path, title, routes));
            if (frontend.kind() == FrontendKind.CLUSTER_IP) {
                socket.allowAnyAddressRoute(frontend.bind().family());
            }
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        server = socket;
        SocketAddressSpec bind = frontend.bind();
        path.gate().add(socket);
        // A close that comes in between takes the address away, and the answer is not looked at.
        return socket.bind(bind.toSocketAddress())
                .whenComplete((local, failure) -> {
                    if (failure != null) {
                        close(socket);
                    }
                })
                .thenApply(local -> new SocketAddressSpec(bind.address(), local.getPort()));
    }

    @Override
    public CompletableFuture<Void> close() {
        ListenSocket socket = server;
        server = null;
        return socket == null ? CompletableFuture.completedFuture(null) : close(socket);
    }

    private CompletableFuture<Void> close(ListenSocket socket) {
        path.gate().remove(socket);
        return socket.close();
    }

    @Override
    public int sockets() {
        return 1;
    }

    @Override
    public boolean isOutdated() {
        return false; // a wildcard socket has every address that there will ever be
    }

    @Override
    public void retire() {
        // Nothing is left of it once it is closed.
    }
}
