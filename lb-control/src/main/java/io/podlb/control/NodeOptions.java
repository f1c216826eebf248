package io.podlb.control;

import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.allocate.PortRange;
import io.podlb.server.service.Cidr;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What this node is and what it may use: everything that decides what a Service does here. */
final class NodeOptions {

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description = "Name of this node, as endpoints say it (default: the host's name).")
    @Nullable
    String nodeName;

    @Option(
            names = "--service-cidr",
            paramLabel = "CIDR",
            split = ",",
            defaultValue = "10.96.0.0/12",
            converter = Converters.OfCidr.class,
            description = "Where cluster IPs come from, twice for dual stack (default: ${DEFAULT-VALUE}).")
    List<Cidr> serviceRanges;

    @Option(
            names = "--node-port-range",
            paramLabel = "FROM-TO",
            defaultValue = "30000-32767",
            converter = Converters.OfPortRange.class,
            description = "Where node ports come from (default: ${DEFAULT-VALUE}).")
    PortRange nodePorts;

    @Option(
            names = "--node-port-addresses",
            paramLabel = "CIDR",
            split = ",",
            description = "Open node ports on the addresses of this node in these blocks, or \"primary\" for its"
                    + " first one (default: on all).")
    List<String> nodePortAddresses = List.of();

    @Option(
            names = "--cluster-ip-mode",
            paramLabel = "bind|loopback|port",
            description = "How cluster IPs are served: as they are (needs root and a route, which podlb sees to), as"
                    + " addresses of 127.0.0.0/8, or as ports of 127.0.0.1 (default: loopback; bind for lb node).")
    @Nullable
    ClusterIpMode clusterIpMode;

    @Option(
            names = "--policy",
            paramLabel = "POLICY",
            defaultValue = "random",
            description = "How an endpoint is chosen where the Service does not say: random, round-robin,"
                    + " least-connections, two-choices or maglev (default: ${DEFAULT-VALUE}, as kube-proxy).")
    String policy;

    @Mixin
    TrafficOptions traffic;

    @Option(names = "--seed", paramLabel = "N", description = "Makes every random choice reproducible.")
    @Nullable
    Long seed;

    @Option(
            names = "--cluster-cidr",
            paramLabel = "CIDR",
            split = ",",
            converter = Converters.OfCidr.class,
            description = "Clients in these blocks are Pods of this node; matters for external policy Local.")
    List<Cidr> clusterRanges = List.of();

    @Option(
            names = "--allow-loopback-endpoints",
            arity = "0..1",
            paramLabel = "true|false",
            fallbackValue = "true",
            description = "Whether endpoints may be in 127.0.0.0/8 or ::1, which an API server forbids"
                    + " (default: true; false for lb node).")
    @Nullable
    Boolean allowLoopbackEndpoints;
}
