package io.podlb.server.transport;

import io.netty.channel.ChannelException;

/** The TCP sockets of one event loop. Thread rule: that event loop, but for what is said otherwise. */
public interface LoopSockets {

    /**
     * A socket that is not connected.
     *
     * @throws ChannelException if there is no descriptor left
     */
    RelaySocket open();

    /**
     * A listening socket, not bound. May be called by any thread.
     *
     * @param acceptance called on this event loop
     * @throws ChannelException if there is no descriptor left
     */
    ListenSocket newListener(Acceptance acceptance);
}
