package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeAddress;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the translation needs to know of the node that it is for.
 *
 * @param name its name, as endpoints say it; empty if it is not known, and then nothing is local (kube-semantics 3.7)
 * @param zone label {@code topology.kubernetes.io/zone} of its Node object; null without one (kube-semantics 4.9)
 * @param addresses IP addresses of its Node object; empty without one (kube-semantics 6.3)
 */
public record NodeFacts(String name, @Nullable String zone, List<InetAddress> addresses) {

    public NodeFacts {
        zone = OrEmpty.orNull(zone);
        addresses = List.copyOf(addresses);
    }

    /** A node of which no address is known. */
    public NodeFacts(String name, @Nullable String zone) {
        this(name, zone, List.of());
    }

    /** What the Node object of that name says; name alone if there is none. */
    public static NodeFacts of(String nodeName, Collection<Node> nodes) {
        for (Node node : nodes) {
            if (nodeName.equals(node.getMetadata().getName())) {
                return new NodeFacts(nodeName, zone(node), addresses(node));
            }
        }
        return new NodeFacts(nodeName, null);
    }

    /** Zone of a Node; null without one. */
    static @Nullable String zone(Node node) {
        return OrEmpty.orNull(OrEmpty.map(node.getMetadata().getLabels()).get(WellKnown.ZONE));
    }

    private static List<InetAddress> addresses(Node node) {
        List<InetAddress> addresses = new ArrayList<>();
        if (node.getStatus() != null) {
            for (NodeAddress entry : OrEmpty.list(node.getStatus().getAddresses())) {
                if ("InternalIP".equals(entry.getType()) || "ExternalIP".equals(entry.getType())) {
                    InetAddress address = Addresses.orNull(entry.getAddress());
                    if (address != null) {
                        addresses.add(address);
                    }
                }
            }
        }
        return addresses;
    }
}
