package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The source ranges that guard the load balancer addresses of one Service (kube-semantics 2.5, 2.7, 2.8, 6.1 to 6.3).
 *
 * @param ranges those that could be read, of both families
 * @param malformed whether some could not be read
 * @param nodeAddresses addresses of this node
 */
record SourceRanges(Set<Cidr> ranges, boolean malformed, List<InetAddress> nodeAddresses) {

    private static final String FIELD = "spec.loadBalancerSourceRanges";

    static SourceRanges of(
            Sourced<Service> service, ServiceFacts facts, NodeFacts node, Set<InetAddress> vips, ProblemList problems) {
        Set<Cidr> ranges = new LinkedHashSet<>();
        boolean malformed = false;
        List<String> texts = OrEmpty.list(service.object().getSpec().getLoadBalancerSourceRanges());
        for (int i = 0; i < texts.size(); i++) {
            try {
                ranges.add(Cidr.parse(texts.get(i)));
            } catch (IllegalArgumentException e) {
                malformed = true;
                problems.warning(
                        service,
                        FIELD + "[" + i + "]",
                        OrEmpty.text(e.getMessage()) + ", the range is ignored",
                        "give a range like 203.0.113.0/24");
            }
        }
        SourceRanges read = new SourceRanges(ranges, malformed, node.addresses());
        read.tellOfFamiliesWithoutRange(service, facts, vips, problems);
        return read;
    }

    /**
     * Whether ranges were given for the family, for all we know, and none can be read. Then its load balancer addresses
     * stay closed: Kubernetes forbids such a Service, and no restriction at all is the last thing that it asks for.
     */
    boolean unreadable(IpFamily family) {
        return malformed && ofFamily(family).isEmpty();
    }

    /** The ranges for one load balancer address; empty: no restriction. */
    List<Cidr> of(InetAddress vip) {
        List<Cidr> own = ofFamily(IpFamily.of(vip));
        boolean admitsNode =
                own.stream().anyMatch(range -> nodeAddresses.stream().anyMatch(range::contains));
        if (admitsNode && own.stream().noneMatch(range -> range.contains(vip))) {
            own.add(new Cidr(vip, vip.getAddress().length * Byte.SIZE));
        }
        return own;
    }

    private List<Cidr> ofFamily(IpFamily family) {
        List<Cidr> own = new ArrayList<>();
        for (Cidr range : ranges) {
            if (range.family() == family) {
                own.add(range);
            }
        }
        return own;
    }

    private void tellOfFamiliesWithoutRange(
            Sourced<Service> service, ServiceFacts facts, Set<InetAddress> vips, ProblemList problems) {
        for (IpFamily family : facts.familyIps().keySet()) {
            String name = family.kubernetesName();
            boolean reachable = vips.stream().anyMatch(vip -> IpFamily.of(vip) == family);
            if (reachable && unreadable(family)) {
                problems.error(
                        service,
                        FIELD,
                        "no range can be read that could hold for " + name + ", so its load balancer addresses are"
                                + " closed",
                        "mend the ranges");
            } else if (reachable && !ranges.isEmpty() && ofFamily(family).isEmpty()) {
                problems.warning(
                        service,
                        FIELD,
                        "all ranges are of the other family, so the " + name + " address is open to everybody",
                        "add a range of " + name);
            }
        }
    }
}
