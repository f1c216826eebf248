package io.podlb.server.listener;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.podlb.server.relay.Route;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The listening socket of a TCP front end. Connections that it accepted do not need it any more. */
final class TcpBinding implements Binding {

    private final FrontendSpec frontend;
    private final String title;
    private final EventLoopGroup loops;
    private final AcceptPath path;
    private final AtomicReferenceArray<@Nullable Route> routes;
    private @Nullable Channel server; // from before the bind until the close

    /**
     * @param first says where; any other route of the listener has the same address
     * @param routes by family; written by the control thread
     */
    TcpBinding(Route first, EventLoopGroup loops, AcceptPath path, AtomicReferenceArray<@Nullable Route> routes) {
        this.frontend = first.frontend();
        this.title = first.port() + " on " + frontend.bind();
        this.loops = loops;
        this.path = path;
        this.routes = routes;
    }

    @Override
    public CompletableFuture<SocketAddressSpec> open() {
        Channel channel;
        try {
            channel = path.transport().newServer();
            if (frontend.kind() == FrontendKind.CLUSTER_IP) {
                path.transport().allowAnyAddressRoute(channel, frontend.bind().family());
            }
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        server = channel;
        channel.pipeline().addLast(new Acceptor(path, title, routes));
        CompletableFuture<SocketAddressSpec> done = new CompletableFuture<>();
        loops.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.bind(frontend.bind().toSocketAddress())
                        .addListener(bound -> finish(channel, bound.cause(), done));
            } else {
                finish(channel, registered.cause(), done);
            }
        });
        return done;
    }

    private void finish(Channel channel, @Nullable Throwable cause, CompletableFuture<SocketAddressSpec> done) {
        if (cause != null) {
            channel.close();
            done.completeExceptionally(cause);
            return;
        }
        InetSocketAddress local = (InetSocketAddress) channel.localAddress();
        path.gate().add(channel);
        // A close that came in between takes the address away, and the answer is not looked at.
        SocketAddressSpec bind = frontend.bind();
        done.complete(new SocketAddressSpec(bind.address(), local == null ? bind.port() : local.getPort()));
    }

    @Override
    public CompletableFuture<Void> close() {
        Channel channel = server;
        server = null;
        return channel == null
                ? CompletableFuture.completedFuture(null)
                : path.transport().closeServer(channel);
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
