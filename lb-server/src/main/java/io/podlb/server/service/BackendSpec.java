package io.podlb.server.service;

import org.jspecify.annotations.Nullable;

/**
 * One endpoint that a new connection may be sent to.
 *
 * @param address where it listens; its identity inside a service port (kube-semantics 3.8)
 * @param weight relative share under policies that know weights, 1 to 1000; 1 by default
 * @param pod name of the Pod behind it, for people; null where none is known
 * @param node name of its node; null where none is known
 * @param zone its zone; null where none is known
 * @param declared what endpoints call it, which policies hash; {@code address} unless it listens elsewhere than it says
 */
public record BackendSpec(
        SocketAddressSpec address,
        int weight,
        @Nullable String pod,
        @Nullable String node,
        @Nullable String zone,
        SocketAddressSpec declared) {

    public static final int MAX_WEIGHT = 1000;

    public BackendSpec {
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + MAX_WEIGHT + ")");
        }
    }

    /** An endpoint that listens where it says. */
    public BackendSpec(
            SocketAddressSpec address, int weight, @Nullable String pod, @Nullable String node, @Nullable String zone) {
        this(address, weight, pod, node, zone, address);
    }

    /** The same, listening somewhere else. */
    public BackendSpec at(SocketAddressSpec elsewhere) {
        return new BackendSpec(elsewhere, weight, pod, node, zone, declared);
    }

    /** An endpoint of weight 1 of which nothing but the address is known. */
    public static BackendSpec of(SocketAddressSpec address) {
        return new BackendSpec(address, 1, null, null, null);
    }
}
