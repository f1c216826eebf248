package io.podlb.server.service;

import java.util.Locale;

/** Why a datagram was thrown away. The list is closed, and metrics and tests use the same words. */
public enum DatagramDrop {
    /** The client's address is in none of the source ranges. */
    SOURCE_DENIED,
    /** External policy Local has no endpoint here for a client from outside of the node. */
    NOT_LOCAL,
    /** No backend took the flow, or it is only just being connected to one. */
    NO_BACKEND,
    /** The kernel takes no more at the moment. */
    SEND_BUFFER_FULL,
    /** The kernel refused to send it. */
    SEND_FAILED,
    /** A backend's answer to a request that nobody waits for: late, twice, or forged. */
    UNMATCHED_ANSWER,
    /** The first datagram of a client while podlb ends. */
    DRAINING,
    /** A reply while the front end is closed, since no endpoint is offered (kube-semantics 9.5). */
    FRONTEND_CLOSED,
    /** A fault that was asked for. */
    FAULT;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The spelling used in metrics: {@code source-denied}. */
    public String label() {
        return label;
    }
}
