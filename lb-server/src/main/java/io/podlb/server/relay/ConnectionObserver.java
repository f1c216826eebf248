package io.podlb.server.relay;

/**
 * Is told of every connection and UDP flow that has ended, once, those included that were turned away.
 *
 * <p>Thread rule: called by the event loop of the connection, so by several threads at once, after the end was counted
 * and before the client can see it. It must not block: all connections of that loop wait for it. What it throws is
 * logged and changes nothing.
 */
@FunctionalInterface
public interface ConnectionObserver {

    /** Looks at nothing. */
    ConnectionObserver NONE = ended -> {};

    /** A connection or flow has ended, and how is known. */
    void ended(RelayView ended);
}
