package io.podlb.control.admin;

import io.podlb.control.address.AddressMap;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.NodePortAddresses;
import io.podlb.control.address.Placement;
import io.podlb.control.admin.ControlView.Stage;
import io.podlb.control.allocate.PortRange;
import io.podlb.control.cluster.Problem;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.NodeFacts;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Topology;
import io.podlb.control.translate.Verdict;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Plans for tests: a NodePort Service with three Pods here, one that is not ready, and one that is elsewhere. */
final class Plans {

    static final NodeFacts NODE = new NodeFacts("n0", "zone-a");
    static final ServicePortName WEB = new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);
    static final EndpointPlan ONE = endpoint("10.244.0.11", "web-1", "n0", 1, true, null);
    static final EndpointPlan TWO = endpoint("10.244.0.12", "web-2", "n0", 1, true, null);
    static final EndpointPlan AWAY = endpoint("10.244.1.13", "web-3", "n1", 1, true, null);
    static final EndpointPlan UNREADY = endpoint("10.244.0.14", "web-4", "n0", 1, false, "not ready");

    private Plans() {}

    static EndpointPlan endpoint(String address, String pod, String node, int weight, boolean ready, String unusable) {
        return new EndpointPlan(
                new SocketAddressSpec(InetAddresses.parse(address), 80),
                pod,
                node,
                "zone-a",
                weight,
                ready,
                ready,
                false,
                node.equals(NODE.name()),
                unusable);
    }

    static FrontendPlan clusterIp(Verdict verdict) {
        return new FrontendPlan(
                FrontendKind.CLUSTER_IP,
                InetAddresses.parse("10.96.41.7"),
                80,
                EndpointSet.CLUSTER,
                verdict,
                EndpointSet.CLUSTER,
                verdict,
                List.of());
    }

    static FrontendPlan nodePort(EndpointSet set, Verdict verdict, Verdict nodeLocal) {
        return new FrontendPlan(
                FrontendKind.NODE_PORT, null, 30080, set, verdict, EndpointSet.CLUSTER, nodeLocal, List.of());
    }

    static FamilyPlan family(String policy, List<EndpointPlan> all, FrontendPlan... frontends) {
        List<EndpointPlan> usable =
                all.stream().filter(endpoint -> endpoint.unusable() == null).toList();
        return new FamilyPlan(
                WEB,
                policy,
                Duration.ofSeconds(10800),
                null,
                Topology.NONE,
                all,
                usable,
                usable.stream().filter(EndpointPlan::local).toList(),
                List.of(frontends));
    }

    static ControlView view(FamilyPlan family, Problem... problems) {
        PortPlan port = new PortPlan("", Protocol.TCP, 80, "80", 30080, List.of(family));
        ServicePlan service =
                new ServicePlan("default", "web", "NodePort", List.of("10.96.41.7"), List.of(port), List.of(problems));
        return view(List.of(service));
    }

    static ControlView view(List<ServicePlan> services) {
        Placement placement = AddressMap.of(
                        ClusterIpMode.LOOPBACK,
                        List.of(Cidr.parse("10.96.0.0/12")),
                        NodePortAddresses.all(),
                        List::of,
                        new PortRange(20000, 27999))
                .place(services, List.of());
        return new ControlView(NODE, services, placement, Map.of(), List.of(), Stage.READY);
    }
}
