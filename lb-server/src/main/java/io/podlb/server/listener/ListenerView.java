package io.podlb.server.listener;

import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * What became of one front end.
 *
 * @param bound the address that is listened on, with the port that the system chose where the spec says 0; null unless
 *     open
 * @param failure why it cannot be bound and what to do, in one line; null unless failed
 */
public record ListenerView(
        ServicePortName port,
        FrontendSpec frontend,
        State state,
        @Nullable SocketAddressSpec bound,
        @Nullable String failure) {

    /** States of a listener. */
    public enum State {
        /** Takes connections or datagrams. */
        OPEN,
        /** Closed, so that clients are refused, since there is no endpoint to offer. */
        EMPTY,
        /** Should be open and cannot; tried again with backoff. */
        FAILED,
        /** Not served by this data plane: SCTP. */
        UNSERVED
    }
}
