package io.podlb.server.transport;

import io.podlb.server.service.IpFamily;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/** A listening socket. May be used by any thread. */
public interface ListenSocket {

    /**
     * Lets a socket that is not bound yet take an address that is local by an any-address route alone. For IPv4 the
     * kernel looks at routes itself; for IPv6 it wants the address on an interface, or this option, which needs no
     * privilege. The JDK has no such option, so with nio the bind fails.
     */
    void allowAnyAddressRoute(IpFamily family);

    /**
     * Binds it and begins to accept, once. It stays open if that fails.
     *
     * @return the address with its real port
     */
    CompletableFuture<InetSocketAddress> bind(InetSocketAddress address);

    /** Stops to accept; clients wait in the backlog. */
    void pause();

    /** Accepts again. */
    void resume();

    /**
     * Closes it; later calls do nothing more.
     *
     * @return completes when its address is free
     */
    CompletableFuture<Void> close();
}
