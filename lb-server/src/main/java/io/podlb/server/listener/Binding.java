package io.podlb.server.listener;

import io.podlb.server.service.SocketAddressSpec;
import java.util.concurrent.CompletableFuture;

/**
 * The sockets of one listener. Opened and closed in turn, any number of times.
 *
 * <p>Thread rule: the control thread.
 */
interface Binding {

    /**
     * Opens all of them or none.
     *
     * @return completes on any thread, with the address that is listened on or with the reason why not
     */
    CompletableFuture<SocketAddressSpec> open();

    /**
     * Closes what is open or about to be; what came in through it goes on.
     *
     * @return completes when the address is free
     */
    CompletableFuture<Void> close();

    /** How many sockets it would be opened with now. */
    int sockets();

    /** Whether it would be opened on other addresses now than it was. */
    boolean isOutdated();

    /** The address is given up for good, after it was closed. */
    void retire();
}
