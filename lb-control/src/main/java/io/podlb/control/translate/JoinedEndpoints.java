package io.podlb.control.translate;

import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** All slices of one Service joined, for slice boundaries carry no meaning (kube-semantics 3.2). */
record JoinedEndpoints(List<ReadSlice> slices) {

    static JoinedEndpoints of(List<ReadSlice> slices) {
        return new JoinedEndpoints(List.copyOf(slices));
    }

    /**
     * The endpoints of a port of the Service: name and protocol decide, numbers never do (kube-semantics 2.2), every
     * endpoint counts once for each number of its slice (3.4, 3.8), and of two with one address the better stays (3.9).
     */
    SortedMap<SocketAddressSpec, SliceEndpoint> of(String portName, Protocol protocol, IpFamily family) {
        SortedMap<SocketAddressSpec, SliceEndpoint> found = new TreeMap<>();
        for (ReadSlice slice : slices) {
            if (slice.family() == family) {
                for (int number : slice.numbers(portName, protocol)) {
                    for (SliceEndpoint endpoint : slice.endpoints()) {
                        SocketAddressSpec address = new SocketAddressSpec(endpoint.address(), number);
                        found.merge(address, endpoint, SliceEndpoint::better);
                    }
                }
            }
        }
        return found;
    }

    /** Whether some slice has a port of that name and protocol. */
    boolean hasPort(String portName, Protocol protocol) {
        return slices.stream()
                .anyMatch(slice -> !slice.numbers(portName, protocol).isEmpty());
    }

    /** The ports that hand-made slices with endpoints offer, for people: {@code "http"/TCP}. */
    SortedSet<String> handMadePorts() {
        SortedSet<String> ports = new TreeSet<>();
        for (ReadSlice slice : slices) {
            if (!slice.generated() && !slice.endpoints().isEmpty()) {
                slice.ports().forEach(port -> ports.add("\"" + port.name() + "\"/" + port.protocol()));
            }
        }
        return ports;
    }
}
