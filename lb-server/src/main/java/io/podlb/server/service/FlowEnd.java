package io.podlb.server.service;

import java.util.Locale;

/** Why a UDP flow ended. The list is closed, and metrics and tests use the same words; each flow has exactly one. */
public enum FlowEnd {
    /** A request that was balanced on its own has been answered. */
    ANSWERED,
    /** No datagram passed in either direction for the idle timeout. */
    IDLE_TIMEOUT,
    /** The table was full, and this flow had been without a datagram for longest. */
    EVICTED,
    /** Its backend no longer serves, and others do (kube-semantics 9.3). */
    STALE,
    /** Every backend was unreachable. */
    CONNECT_FAILED,
    /** The last endpoint went before the pick. */
    NO_BACKEND,
    /** This machine had no descriptor, no local port, or no room in the send buffer left for the backend. */
    LOCAL_RESOURCES,
    /** Its front end was given up: the Service is gone or has another address, or podlb ends. */
    FRONTEND_CLOSED,
    /** podlb itself failed, a balancer that throws for example; the log has the details. */
    INTERNAL_ERROR;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The spelling used in metrics: {@code idle-timeout}. */
    public String label() {
        return label;
    }
}
