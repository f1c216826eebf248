package io.podlb.server.listener;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.podlb.server.relay.Route;
import io.podlb.server.relay.UdpFront;
import io.podlb.server.relay.UdpLoop;
import io.podlb.server.relay.UdpLoops;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.transport.UdpSocket;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The sockets of a UDP front end: one, or one for each address of this machine where the front end is on all of them.
 * An answer must come from the address that was called, and a wildcard socket answers from the one that the route to the
 * client prefers. The addresses are those that the interfaces have when it is opened; link-local ones of IPv6 and those
 * of 127.0.0.0/8 that no interface lists are not among them.
 *
 * <p>The socket of an address is served by one event loop. Several sockets would need SO_REUSEPORT, under which a second
 * process of the same user, another podlb for example, takes a part of the clients and nobody notices; and each socket
 * that joins or leaves such a group moves clients from one to another.
 *
 * <p>The fronts outlive their sockets, so that flows do: see {@link UdpFront}.
 */
final class UdpBinding implements Binding {

    /** What is asked for; the kernel gives no more than net.core.rmem_max. */
    private static final int RECEIVE_BUFFER = 1024 * 1024;

    private final SocketAddressSpec bind;
    private final Route route;
    private final UdpLoops loops;
    private final Admission admission;
    private final Map<InetAddress, UdpFront> fronts = new HashMap<>(); // control thread
    private List<Local> open = List.of(); // control thread

    /** One local address with the socket that is bound to it, or is about to be. */
    private record Local(InetAddress address, UdpFront front, UdpSocket socket) {}

    UdpBinding(SocketAddressSpec bind, Route route, UdpLoops loops, Admission admission) {
        this.bind = bind;
        this.route = route;
        this.loops = loops;
        this.admission = admission;
    }

    @Override
    public CompletableFuture<SocketAddressSpec> open() {
        List<Local> all = new ArrayList<>();
        open = all;
        try {
            for (InetAddress address : addresses()) {
                UdpFront front = fronts.computeIfAbsent(address, any -> new UdpFront(loops.next(), route));
                all.add(new Local(address, front, front.loop().transport().newDatagramSocket()));
            }
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e); // no descriptor left
        }
        if (all.isEmpty()) {
            return CompletableFuture.failedFuture(new BindException(
                    "no interface has an address of " + bind.family().kubernetesName()));
        }
        // One after the other: where the system chooses the port, the first one tells it to the others.
        CompletableFuture<Integer> port = CompletableFuture.completedFuture(bind.port());
        for (Local local : all) {
            port = port.thenCompose(chosen -> bind(local, chosen));
        }
        return port.thenApply(chosen -> new SocketAddressSpec(bind.address(), chosen));
    }

    private Collection<InetAddress> addresses() {
        return isWildcard() ? Admission.interfaceAddresses(bind.family()) : List.of(bind.address());
    }

    private boolean isWildcard() {
        return bind.address().isAnyLocalAddress();
    }

    private CompletableFuture<Integer> bind(Local local, int port) {
        Channel channel = local.socket.channel();
        channel.config().setOption(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER); // all clients share it
        if (route.frontend().kind() == FrontendKind.CLUSTER_IP) {
            local.front.loop().transport().allowAnyAddressRoute(channel, bind.family());
        }
        channel.pipeline().addLast(new Receiver(local.front, local.socket, admission));
        CompletableFuture<Integer> done = new CompletableFuture<>();
        local.front.loop().eventLoop().register(channel).addListener(registered -> {
            if (registered.isSuccess()) {
                channel.bind(new InetSocketAddress(local.address, port))
                        .addListener(bound -> finish(channel, bound.cause(), done));
            } else {
                finish(channel, registered.cause(), done);
            }
        });
        return done;
    }

    private static void finish(Channel channel, @Nullable Throwable cause, CompletableFuture<Integer> done) {
        if (cause == null) {
            InetSocketAddress local = (InetSocketAddress) channel.localAddress();
            done.complete(local == null ? 0 : local.getPort()); // 0: closed meanwhile, and nobody asks any more
        } else {
            done.completeExceptionally(cause);
        }
    }

    @Override
    public int sockets() {
        return addresses().size();
    }

    @Override
    public boolean isOutdated() {
        Set<InetAddress> bound = new HashSet<>();
        open.forEach(local -> bound.add(local.address));
        return isWildcard() && !bound.equals(new HashSet<>(addresses()));
    }

    @Override
    public CompletableFuture<Void> close() {
        List<Local> closing = open;
        open = List.of();
        return CompletableFuture.allOf(closing.stream().map(UdpBinding::close).toArray(CompletableFuture<?>[]::new));
    }

    private static CompletableFuture<Void> close(Local local) {
        Channel channel = local.socket.channel();
        UdpLoop loop = local.front.loop();
        return CompletableFuture.supplyAsync(
                        () -> {
                            if (channel.isRegistered()) {
                                return loop.transport().closeServer(channel);
                            }
                            channel.unsafe().closeForcibly(); // it was not its turn yet
                            return CompletableFuture.<Void>completedFuture(null);
                        },
                        loop.eventLoop())
                .thenCompose(closed -> closed);
    }

    /**
     * Takes no more clients, lets the flows go on, and closes each socket when its last flow has ended.
     *
     * @return completes when the last socket is closed; {@link #retire} hastens that
     */
    CompletableFuture<Void> drain() {
        Set<UdpFront> closed = new HashSet<>(fronts.values());
        open.forEach(local -> closed.remove(local.front));
        retire(closed); // nobody would get an answer
        return CompletableFuture.allOf(open.stream()
                .map(local -> CompletableFuture.supplyAsync(
                                local.front::drain, local.front.loop().eventLoop())
                        .thenCompose(last -> last)
                        .thenCompose(ended -> close(local)))
                .toArray(CompletableFuture<?>[]::new));
    }

    /** Ends the flows whose backend is not among these. */
    CompletableFuture<Void> endStale(Set<SocketAddressSpec> serving) {
        return CompletableFuture.allOf(fronts.values().stream()
                .map(front -> CompletableFuture.runAsync(
                        () -> front.endStale(serving), front.loop().eventLoop()))
                .toArray(CompletableFuture<?>[]::new));
    }

    @Override
    public void retire() {
        retire(fronts.values());
        fronts.clear();
    }

    private static void retire(Collection<UdpFront> fronts) {
        fronts.forEach(front -> front.loop().eventLoop().execute(front::retire));
    }
}
