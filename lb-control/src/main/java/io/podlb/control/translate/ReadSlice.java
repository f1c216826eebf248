package io.podlb.control.translate;

import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import java.util.List;

/**
 * What counts of one slice.
 *
 * @param ports those with a name and a number (kube-semantics 3.3)
 * @param endpoints those with a usable first address (kube-semantics 3.5)
 * @param generated whether the controller for selectors made it
 */
record ReadSlice(IpFamily family, List<Port> ports, List<SliceEndpoint> endpoints, boolean generated) {

    /** The numbers under which a port of the Service is found in this slice (kube-semantics 2.2). */
    List<Integer> numbers(String portName, Protocol protocol) {
        return ports.stream()
                .filter(port -> port.name().equals(portName) && port.protocol() == protocol)
                .map(Port::number)
                .toList();
    }

    /** One port of a slice; its name and protocol are those of the port of the Service (kube-semantics 2.2). */
    record Port(String name, Protocol protocol, int number) {}
}
