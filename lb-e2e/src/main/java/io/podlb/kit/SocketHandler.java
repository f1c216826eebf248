package io.podlb.kit;

import java.io.IOException;
import java.net.Socket;

/** What a Pod does with a connection, written by whoever tests. */
@FunctionalInterface
public interface SocketHandler {

    /**
     * Serves one connection, on a thread of its own; the socket is closed on return. An {@link IOException} ends the
     * connection, as a reset by the client does; anything else is logged too.
     *
     * @param pod name of the Pod that was connected to
     */
    void handle(String pod, Socket client) throws IOException;
}
