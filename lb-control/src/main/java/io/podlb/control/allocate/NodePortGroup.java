package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Ports of one Service that have one node port: those with one number on the cluster IP, for different
 * protocols (kube-semantics 17.4). The rule of a creation holds for edits too, so that what runs after an edit also starts.
 *
 * @param number 0 for one that is still to be given
 * @param ports indexes into the ports of the Service, the first one decides the name
 * @param name of the first port, for a stable choice
 */
record NodePortGroup(int number, List<Integer> ports, String name) {

    /** None for a Service without node ports; a port that is to have none is in no group. */
    static List<NodePortGroup> of(ServiceSpec spec) {
        List<NodePortGroup> groups = new ArrayList<>();
        if (!ServiceTypes.usesNodePorts(spec)) {
            return groups;
        }
        boolean allocates = ServiceTypes.allocatesNodePorts(spec);
        Map<Integer, NodePortGroup> byPort = new HashMap<>();
        for (int i = 0; i < spec.getPorts().size(); i++) {
            ServicePort port = spec.getPorts().get(i);
            int number = ServiceTypes.nodePort(port);
            if (number == 0 && !allocates) {
                continue;
            }
            NodePortGroup group = byPort.get(port.getPort());
            if (group != null && (number == 0 || number == group.number)) {
                group.ports.add(i);
                continue;
            }
            int requested = group == null ? requested(spec, port.getPort()) : number;
            NodePortGroup own = new NodePortGroup(
                    requested, new ArrayList<>(List.of(i)), Objects.requireNonNullElse(port.getName(), ""));
            byPort.putIfAbsent(port.getPort(), own);
            groups.add(own);
        }
        return groups;
    }

    private static int requested(ServiceSpec spec, int port) {
        for (ServicePort candidate : spec.getPorts()) {
            if (candidate.getPort() == port && ServiceTypes.nodePort(candidate) != 0) {
                return ServiceTypes.nodePort(candidate);
            }
        }
        return 0;
    }

    String field() {
        return "spec.ports[" + ports.get(0) + "].nodePort";
    }
}
