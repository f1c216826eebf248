package io.podlb.server.service;

/**
 * What is done to see whether an endpoint is ready, where no kubelet does.
 *
 * @param kind of the check
 * @param path what is asked for over HTTP; empty for other kinds
 */
public record ActiveCheck(Kind kind, String path) {

    public static final ActiveCheck OFF = new ActiveCheck(Kind.NONE, "");

    /** Kinds of checks. */
    public enum Kind {
        /** None: what the manifests say is believed. */
        NONE,
        /** What the readiness probe of the Pod says. */
        PROBE,
        /** A connect to the endpoint. */
        TCP,
        /** A GET request to the endpoint, answered with a status from 200 to 399. */
        HTTP
    }

    public boolean isOn() {
        return kind != Kind.NONE;
    }
}
