package io.podlb.server.relay;

/**
 * Is told of every connection and UDP flow that has ended, once, those included that were turned away.
 *
 * <p>Thread rule: called by the event loop of the connection, so by several threads at once, after the end was counted
 * and before the client can see it. It must not block: all connections of that loop wait for it. What it throws is
 * logged and changes nothing.
 */
public interface ConnectionObserver {

    /** Looks at nothing. */
    ConnectionObserver NONE = new ConnectionObserver() {
        @Override
        public void ended(ConnectionView connection) {}

        @Override
        public void ended(FlowView flow) {}
    };

    /** A connection has ended; its {@link ConnectionView#endReason} is known. */
    void ended(ConnectionView connection);

    /** A UDP flow has ended; its {@link FlowView#end} is known. */
    void ended(FlowView flow);
}
