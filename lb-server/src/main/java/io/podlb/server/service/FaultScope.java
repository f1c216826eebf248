package io.podlb.server.service;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which connections and UDP flows a {@link FaultRule} is for: those that all of this is true of. {@link #ALL} is every
 * one.
 *
 * @param namespace of the Service; null: any
 * @param service name of the Service; null: any
 * @param port name of its port, empty for the unnamed one; null: any
 * @param pod name of the Pod; null: any
 * @param endpoint address of the endpoint, as it says or where it really listens, on any port if its port is 0; null: any
 * @param connections ordinals among all connections of the service port, from 1; empty: any. A service port of UDP counts
 *     its flows
 */
public record FaultScope(
        @Nullable String namespace,
        @Nullable String service,
        @Nullable String port,
        @Nullable String pod,
        @Nullable SocketAddressSpec endpoint,
        List<Ordinals> connections) {

    /** Every connection. */
    public static final FaultScope ALL = new FaultScope(null, null, null, null, null, List.of());

    public FaultScope {
        connections = List.copyOf(connections);
    }

    /** The same for one Service. */
    public FaultScope ofService(String ofNamespace, String name) {
        return new FaultScope(ofNamespace, name, port, pod, endpoint, connections);
    }

    /** The same for one port of a Service. */
    public FaultScope ofPort(String name) {
        return new FaultScope(namespace, service, name, pod, endpoint, connections);
    }

    /** The same for one Pod. */
    public FaultScope ofPod(String name) {
        return new FaultScope(namespace, service, port, name, endpoint, connections);
    }

    /** The same for one endpoint; port 0: any port of that address. */
    public FaultScope ofEndpoint(SocketAddressSpec address) {
        return new FaultScope(namespace, service, port, pod, address, connections);
    }

    /** The same for these connections of the service port. */
    public FaultScope ofConnections(Ordinals... ordinals) {
        return new FaultScope(namespace, service, port, pod, endpoint, List.of(ordinals));
    }

    /** Whether it may be for connections of that service port. */
    public boolean covers(ServicePortName name) {
        return (namespace == null || namespace.equals(name.namespace()))
                && (service == null || service.equals(name.service()))
                && (port == null || port.equals(name.port()));
    }

    /** Whether it is for that connection of a service port that it {@link #covers(ServicePortName)}. */
    public boolean covers(BackendSpec backend, long ordinal) {
        return (pod == null || pod.equals(backend.pod()))
                && (endpoint == null || isAt(endpoint, backend.declared()) || isAt(endpoint, backend.address()))
                && (connections.isEmpty() || connections.stream().anyMatch(range -> range.contains(ordinal)));
    }

    private static boolean isAt(SocketAddressSpec wanted, SocketAddressSpec actual) {
        return wanted.address().equals(actual.address()) && (wanted.port() == 0 || wanted.port() == actual.port());
    }

    /**
     * Connections that follow each other.
     *
     * @param first ordinal of the first one, from 1
     * @param last ordinal of the last one; {@link Long#MAX_VALUE}: all that follow
     */
    public record Ordinals(long first, long last) {

        public Ordinals {
            if (first < 1 || last < first) {
                throw new IllegalArgumentException(
                        "connections: " + first + "-" + last + " (expected: from 1, the lower one first)");
            }
        }

        /** One connection. */
        public static Ordinals of(long ordinal) {
            return new Ordinals(ordinal, ordinal);
        }

        boolean contains(long ordinal) {
            return first <= ordinal && ordinal <= last;
        }

        /** {@code 3}, {@code 5-7} or {@code 9-}. */
        @Override
        public String toString() {
            return first == last ? Long.toString(first) : first + "-" + (last == Long.MAX_VALUE ? "" : last);
        }
    }
}
