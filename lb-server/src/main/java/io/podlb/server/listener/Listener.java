package io.podlb.server.listener;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.relay.Route;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listening address: open while one of its routes has an endpoint to offer, closed otherwise so that clients are
 * refused (kube-semantics 24.1, 24.2). A failed bind is tried again with backoff for as long as the address is wanted.
 *
 * <p>A wildcard socket takes both families, so a listener has a route for each.
 *
 * <p>Thread rule: the control thread; {@link #status} may be read by any thread.
 */
final class Listener {

    private static final Logger logger = LoggerFactory.getLogger(Listener.class);
    private static final long FIRST_RETRY_MILLIS = 100;
    private static final long LAST_RETRY_MILLIS = 10_000;
    private static final Status EMPTY = new Status(State.EMPTY, null, null);

    private final SocketAddressSpec bind;
    private final ServicePortName owner;
    private final EventExecutor control;
    private final EventLoopGroup loops;
    private final AcceptPath path;
    private final AtomicReferenceArray<@Nullable Route> routes = new AtomicReferenceArray<>(2);
    private volatile Status status = EMPTY; // written by the control thread
    private CompletableFuture<Void> settled = CompletableFuture.completedFuture(null);
    private @Nullable Channel server; // from before the bind until the close
    private long retryMillis;
    private boolean retryScheduled;

    /** What {@link ListenerView} shows of it. */
    record Status(
            State state,
            @Nullable SocketAddressSpec bound,
            @Nullable String failure) {}

    Listener(
            SocketAddressSpec bind,
            ServicePortName owner,
            EventExecutor control,
            EventLoopGroup loops,
            AcceptPath path) {
        this.bind = bind;
        this.owner = owner;
        this.control = control;
        this.loops = loops;
        this.path = path;
    }

    ServicePortName owner() {
        return owner;
    }

    Status status() {
        return status;
    }

    @Nullable
    Route route(IpFamily family) {
        return routes.get(Acceptor.index(family));
    }

    void route(IpFamily family, @Nullable Route route) {
        routes.set(Acceptor.index(family), route);
    }

    boolean hasRoutes() {
        return routes.get(0) != null || routes.get(1) != null;
    }

    boolean wanted() {
        return hasEndpoints(routes.get(0)) || hasEndpoints(routes.get(1));
    }

    private static boolean hasEndpoints(@Nullable Route route) {
        return route != null && route.hasEndpoints();
    }

    /**
     * Closes the socket; connections that were accepted go on.
     *
     * @return completes when the address is free again
     */
    CompletableFuture<Void> close() {
        Channel channel = server;
        server = null;
        status = EMPTY;
        retryMillis = 0;
        if (channel != null) {
            logger.debug("{} stops listening on {}", owner, bind);
            settled = path.transport().closeServer(channel);
        }
        return settled;
    }

    /**
     * Opens the socket if it is wanted and closed.
     *
     * @param after what must be finished before the address may be free
     * @return completes when it is open or that has failed
     */
    CompletableFuture<Void> open(CompletableFuture<Void> after) {
        settled = CompletableFuture.allOf(settled, after).thenComposeAsync(free -> bind(), control);
        return settled;
    }

    private CompletableFuture<Void> bind() {
        if (server != null || !wanted()) {
            return CompletableFuture.completedFuture(null);
        }
        Channel channel;
        try {
            channel = path.transport().newServer();
        } catch (RuntimeException e) {
            failed(e);
            return CompletableFuture.completedFuture(null);
        }
        server = channel;
        channel.pipeline().addLast(new Acceptor(path, owner + " on " + bind, routes));
        CompletableFuture<Void> done = new CompletableFuture<>();
        loops.register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.bind(bind.toSocketAddress())
                        .addListener(bound -> control.execute(() -> bound(channel, bound.cause(), done)));
            } else {
                control.execute(() -> bound(channel, registered.cause(), done));
            }
        });
        return done;
    }

    private void bound(Channel channel, @Nullable Throwable cause, CompletableFuture<Void> done) {
        if (channel != server) {
            channel.close(); // not wanted any more
        } else if (cause == null) {
            InetSocketAddress local = (InetSocketAddress) channel.localAddress();
            if (status.state == State.FAILED) {
                logger.info("{} listens on {} now", owner, bind);
            }
            status = new Status(State.OPEN, new SocketAddressSpec(bind.address(), local.getPort()), null);
            retryMillis = 0;
            path.gate().add(channel);
        } else {
            channel.close();
            server = null;
            failed(cause);
        }
        done.complete(null);
    }

    private void failed(Throwable cause) {
        Route route = routes.get(0) != null ? routes.get(0) : routes.get(1);
        if (route != null) {
            route.metrics().bindFailed();
        }
        String text = BindFailure.explain(bind, cause);
        if (!text.equals(status.failure)) {
            logger.warn("{} {}", owner, text);
        }
        status = new Status(State.FAILED, null, text);
        retryMillis = retryMillis == 0 ? FIRST_RETRY_MILLIS : Math.min(LAST_RETRY_MILLIS, 2 * retryMillis);
        if (!retryScheduled) {
            retryScheduled = true;
            control.schedule(this::retry, retryMillis, TimeUnit.MILLISECONDS);
        }
    }

    private void retry() {
        retryScheduled = false;
        if (status.state == State.FAILED) {
            open(CompletableFuture.completedFuture(null));
        }
    }
}
