package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The addresses and numbers that a Service names.
 *
 * @param addresses its cluster IPs
 * @param ports its node ports and its health check node port: one pool, whatever the protocol (kube-semantics 17.2)
 */
record Claims(List<InetAddress> addresses, Set<Integer> ports) {

    /** Of a spec with its defaults. */
    static Claims of(ServiceSpec spec) {
        List<InetAddress> addresses = new ArrayList<>();
        List<String> texts =
                spec.getClusterIPs().isEmpty() ? Collections.singletonList(spec.getClusterIP()) : spec.getClusterIPs();
        for (String text : texts) {
            InetAddress address = Ip.orNull(text);
            if (address != null) {
                addresses.add(address);
            }
        }
        Set<Integer> ports = new TreeSet<>();
        for (ServicePort port : spec.getPorts()) {
            ports.add(ServiceTypes.nodePort(port));
        }
        ports.add(ServiceTypes.healthCheckNodePort(spec));
        ports.remove(0);
        return new Claims(addresses, ports);
    }
}
