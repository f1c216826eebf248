package io.podlb.control.translate;

import io.fabric8.kubernetes.api.model.LoadBalancerIngress;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.IpFamily;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The front ends of one Service (kube-semantics 5.1 to 5.6, 6). Confined to one translation. */
final class Frontends {

    private final ServiceFacts facts;
    private final Set<InetAddress> externalIps;
    private final Set<InetAddress> vips;
    private final SourceRanges sourceRanges;

    Frontends(Sourced<Service> service, ServiceFacts facts, NodeFacts node, ProblemList problems) {
        this.facts = facts;
        this.externalIps = externalIps(service, problems);
        this.vips = vips(service, problems);
        this.sourceRanges = SourceRanges.of(service, facts, node, vips, problems);
        tellOfAddressesWithoutFamily(service, problems);
    }

    /** The front ends of one port in one family, cluster IP first, then external IPs, VIPs and the node port. */
    List<FrontendPlan> of(ServicePort port, IpFamily family, EndpointChoice choice) {
        List<FrontendPlan> frontends = new ArrayList<>();
        Set<InetAddress> taken = new LinkedHashSet<>();
        InetAddress clusterIp = facts.familyIps().get(family);
        if (clusterIp == null) {
            return frontends;
        }
        taken.add(clusterIp);
        EndpointSet internal = set(facts.internalLocal());
        frontends.add(new FrontendPlan(
                FrontendKind.CLUSTER_IP,
                clusterIp,
                port.getPort(),
                internal,
                choice.verdict(internal),
                internal,
                choice.verdict(internal),
                List.of()));
        for (InetAddress address : externalIps) {
            if (IpFamily.of(address) == family && taken.add(address)) {
                frontends.add(external(FrontendKind.EXTERNAL_IP, address, port.getPort(), choice));
            }
        }
        for (InetAddress address : vips) {
            if (IpFamily.of(address) == family && !sourceRanges.unreadable(family) && taken.add(address)) {
                frontends.add(external(FrontendKind.LOAD_BALANCER, address, port.getPort(), choice)
                        .restrictedTo(sourceRanges.of(address)));
            }
        }
        Integer nodePort = nodePort(port);
        if (nodePort != null) {
            frontends.add(external(FrontendKind.NODE_PORT, null, nodePort, choice));
        }
        return frontends;
    }

    /** Whatever the type of the Service says (kube-semantics 2.9). */
    static @Nullable Integer nodePort(ServicePort port) {
        Integer number = port.getNodePort();
        return number == null || !PortReading.isPort(number) ? null : number;
    }

    /** Under policy Local, clients on this node and its Pods are offered the cluster set all the same (5.6). */
    private FrontendPlan external(FrontendKind kind, @Nullable InetAddress address, int port, EndpointChoice choice) {
        EndpointSet offered = set(facts.externalLocal());
        return new FrontendPlan(
                kind,
                address,
                port,
                offered,
                choice.verdict(offered),
                EndpointSet.CLUSTER,
                choice.verdict(EndpointSet.CLUSTER),
                List.of());
    }

    private static EndpointSet set(boolean local) {
        return local ? EndpointSet.LOCAL : EndpointSet.CLUSTER;
    }

    private static Set<InetAddress> externalIps(Sourced<Service> service, ProblemList problems) {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        List<String> texts = OrEmpty.list(service.object().getSpec().getExternalIPs());
        for (int i = 0; i < texts.size(); i++) {
            add(addresses, texts.get(i), service, "spec.externalIPs[" + i + "]", problems);
        }
        return addresses;
    }

    /** Entries with an IP whose mode is VIP or unset; the others lead to a balancer elsewhere (kube-semantics 2.6). */
    private static Set<InetAddress> vips(Sourced<Service> service, ProblemList problems) {
        Set<InetAddress> addresses = new LinkedHashSet<>();
        List<LoadBalancerIngress> entries = ingress(service.object());
        for (int i = 0; i < entries.size(); i++) {
            LoadBalancerIngress entry = entries.get(i);
            String field = "status.loadBalancer.ingress[" + i + "]";
            String ip = OrEmpty.orNull(entry.getIp());
            String mode = OrEmpty.text(entry.getIpMode());
            if (ip == null) {
                problems.note(
                        service,
                        field,
                        "\"" + OrEmpty.text(entry.getHostname()) + "\" is a name, which is left to the load balancer",
                        "");
            } else if (mode.isEmpty() || mode.equals("VIP")) {
                add(addresses, ip, service, field + ".ip", problems);
            } else {
                problems.note(service, field, ip + " has ipMode " + mode + ", so it is left to the load balancer", "");
            }
        }
        return addresses;
    }

    static List<LoadBalancerIngress> ingress(Service service) {
        return service.getStatus() == null || service.getStatus().getLoadBalancer() == null
                ? List.of()
                : OrEmpty.list(service.getStatus().getLoadBalancer().getIngress());
    }

    private static void add(
            Set<InetAddress> addresses, String text, Sourced<Service> service, String field, ProblemList problems) {
        InetAddress address = Addresses.orNull(text);
        String reason = address == null ? "no IP address" : Addresses.refusedEverywhere(address);
        if (address != null && reason == null) {
            addresses.add(address);
        } else {
            problems.error(
                    service, field, "\"" + text + "\" is " + reason + ", it is not served", "give an IP address");
        }
    }

    /** Kubernetes drops them silently (kube-semantics 2.4, 2.5). */
    private void tellOfAddressesWithoutFamily(Sourced<Service> service, ProblemList problems) {
        tellOfAddressesWithoutFamily(service, "spec.externalIPs", externalIps, problems);
        tellOfAddressesWithoutFamily(service, "status.loadBalancer.ingress", vips, problems);
    }

    private void tellOfAddressesWithoutFamily(
            Sourced<Service> service, String field, Set<InetAddress> addresses, ProblemList problems) {
        for (InetAddress address : addresses) {
            IpFamily family = IpFamily.of(address);
            if (!facts.familyIps().containsKey(family)) {
                String name = family.kubernetesName();
                problems.warning(
                        service,
                        field,
                        address.getHostAddress() + " is not served, for the Service has no " + name + " cluster IP",
                        "add " + name + " to spec.ipFamilies or use an address of the other family");
            }
        }
    }
}
