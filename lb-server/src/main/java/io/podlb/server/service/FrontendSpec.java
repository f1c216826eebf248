package io.podlb.server.service;

import java.util.List;

/**
 * One address on which a service port takes connections.
 *
 * @param kind what kind of address it is
 * @param bind the socket address to bind; the wildcard address for a node port on all addresses
 * @param endpointSet what clients are offered; the listener is closed while nothing at all can be offered
 * @param nodeLocalSet what clients on this node and its Pods are offered; differs from {@code endpointSet} only under
 *     external policy Local (kube-semantics 5.6, 24.3)
 * @param sourceRanges clients outside of all of them are reset (kube-semantics 6.2, 24.4); empty: no restriction
 */
public record FrontendSpec(
        FrontendKind kind,
        SocketAddressSpec bind,
        EndpointSet endpointSet,
        EndpointSet nodeLocalSet,
        List<Cidr> sourceRanges) {

    public FrontendSpec {
        sourceRanges = List.copyOf(sourceRanges);
    }

    /** A front end that offers all clients the same set and restricts none. */
    public static FrontendSpec of(FrontendKind kind, SocketAddressSpec bind) {
        return new FrontendSpec(kind, bind, EndpointSet.CLUSTER, EndpointSet.CLUSTER, List.of());
    }

    @Override
    public String toString() {
        return kind.label() + " " + bind;
    }
}
