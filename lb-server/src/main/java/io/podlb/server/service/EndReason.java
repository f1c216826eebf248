package io.podlb.server.service;

import java.util.Locale;

/**
 * Why a client connection ended. The list is closed, and log, metrics, admin endpoint and tests use the same words;
 * each connection has exactly one.
 */
public enum EndReason {
    /** Both sides finished their streams, the client first. */
    CLIENT_CLOSED(false),
    /** Both sides finished their streams, the backend first. */
    BACKEND_CLOSED(false),
    /** The client reset the connection or vanished; the backend was reset. */
    CLIENT_RESET(true),
    /** The backend reset the connection or vanished after it had accepted; the client was reset. */
    BACKEND_RESET(true),
    /** Every backend that could be tried refused or was unreachable. */
    CONNECT_FAILED(true),
    /** The last try, or all tries together, took longer than allowed. */
    CONNECT_TIMEOUT(true),
    /** The last endpoint went between the accept and the pick. */
    NO_BACKEND(true),
    /** No byte passed in either direction for the idle timeout. */
    IDLE_TIMEOUT(true),
    /** One side had finished its stream, and the other let the half-closed timeout pass without a byte. */
    HALF_CLOSED_TIMEOUT(true),
    /** The process had as many connections as its descriptors allow. */
    CONNECTION_LIMIT(true),
    /** The Service port had as many connections as it may have. */
    SERVICE_LIMIT(true),
    /** Every backend that could be tried had as many connections as one may have. */
    BACKEND_LIMIT(true),
    /** The client had as many connections to the Service port as one may have. */
    CLIENT_LIMIT(true),
    /** The client began more connections to the Service port than one may in that time. */
    CLIENT_RATE(true),
    /** The client's address is in none of the source ranges. */
    SOURCE_DENIED(true),
    /** The Service takes connections of trusted proxies alone, and the peer is none. */
    PROXY_UNTRUSTED(true),
    /** A trusted proxy began with something else than a header of the PROXY protocol, or with nothing. */
    PROXY_INVALID(true),
    /** A trusted proxy took too long for its header. */
    PROXY_TIMEOUT(true),
    /** External policy Local has no endpoint here for a client from outside of the node. */
    NOT_LOCAL(true),
    /** This machine had no descriptor or no local port left for the backend connection, or may not use its client's address. */
    LOCAL_RESOURCES(true),
    /** Its backend was leaving; the client was sent FIN while it was quiet, and closed. */
    DRAINED(false),
    /** Its backend was leaving, and it was still in use when the time for that was over. */
    DRAIN_CUT(true),
    /** It was as old as a connection may be; the client was sent FIN while it was quiet, and closed. */
    AGED(false),
    /** Its backend had more than its share; the client was sent FIN while it was quiet, and closed. */
    REBALANCED(false),
    /** Its client had been sent FIN for one of these reasons when the backend had more to say; both were reset. */
    INTERRUPTED(true),
    /** Still open when the drain at shutdown ran out of time. */
    SHUTDOWN(true),
    /** podlb itself failed, a balancer that throws for example; the log has the details. */
    INTERNAL_ERROR(true);

    private final boolean failure;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    EndReason(boolean failure) {
        this.failure = failure;
    }

    /** Whether the client saw anything but two streams brought to their ends. */
    public boolean isFailure() {
        return failure;
    }

    /** The spelling used in JSON, logs and metrics: {@code client-closed}. */
    public String label() {
        return label;
    }
}
