package io.podlb.control.address;

import io.podlb.control.translate.FrontendPlan;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where each front end is to be bound, as of one pass of an {@link AddressMap}. Immutable; any thread. */
public final class Placement {

    /** Of no Services at all. */
    public static final Placement NOWHERE = new Placement(ClusterIpMode.BIND, null, Map.of(), Map.of());

    private final ClusterIpMode mode;
    private final @Nullable LoopbackMapping loopback;
    private final Map<String, Integer> highPorts;
    private final Map<IpFamily, List<InetAddress>> nodePortAddresses;
    private final @Nullable Map<Front, List<SocketAddressSpec>> placed;

    Placement(
            ClusterIpMode mode,
            @Nullable LoopbackMapping loopback,
            Map<String, Integer> highPorts,
            Map<IpFamily, List<InetAddress>> nodePortAddresses) {
        this.mode = mode;
        this.loopback = loopback;
        this.highPorts = Map.copyOf(highPorts);
        this.nodePortAddresses = Map.copyOf(nodePortAddresses);
        this.placed = null;
    }

    /** Each front end where it is said to be, and none anywhere else. */
    Placement(Map<Front, List<SocketAddressSpec>> placed) {
        this.mode = ClusterIpMode.BIND;
        this.loopback = null;
        this.highPorts = Map.of();
        this.nodePortAddresses = Map.of();
        this.placed = Map.copyOf(placed);
    }

    /** The addresses to bind for a front end: one, except for node ports on selected addresses; may be empty. */
    public List<SocketAddressSpec> of(ServicePortName port, FrontendPlan frontend) {
        if (placed != null) {
            return placed.getOrDefault(Front.of(port, frontend), List.of());
        }
        return switch (frontend.kind()) {
            case NODE_PORT ->
                nodePortAddresses.getOrDefault(port.family(), List.of()).stream()
                        .map(address -> new SocketAddressSpec(address, frontend.port()))
                        .toList();
            case CLUSTER_IP -> clusterIp(port, frontend);
            case EXTERNAL_IP, LOAD_BALANCER -> asItStands(frontend);
        };
    }

    /** Where node ports are open, of all families, without duplicates. */
    public List<InetAddress> nodePortAddresses() {
        return nodePortAddresses.values().stream()
                .flatMap(List::stream)
                .distinct()
                .sorted(Comparator.comparing(address -> new SocketAddressSpec(address, 0)))
                .toList();
    }

    private List<SocketAddressSpec> clusterIp(ServicePortName port, FrontendPlan frontend) {
        InetAddress address = frontend.address();
        if (address == null || mode == ClusterIpMode.BIND) {
            return asItStands(frontend);
        }
        InetAddress mapped = loopback == null ? null : loopback.map(address);
        if (mapped != null) {
            return List.of(new SocketAddressSpec(mapped, frontend.port()));
        }
        Integer highPort = highPorts.get(portKey(port));
        return highPort == null
                ? List.of()
                : List.of(new SocketAddressSpec(AddressMap.loopback(port.family()), highPort));
    }

    private static List<SocketAddressSpec> asItStands(FrontendPlan frontend) {
        InetAddress address = frontend.address();
        return address == null ? List.of() : List.of(new SocketAddressSpec(address, frontend.port()));
    }

    /** What a front end is known by. */
    record Front(
            ServicePortName port,
            FrontendKind kind,
            @Nullable InetAddress address,
            int number) {

        static Front of(ServicePortName port, FrontendPlan frontend) {
            return new Front(port, frontend.kind(), frontend.address(), frontend.port());
        }
    }

    /** Without the family: both families of a port get the same number, each on its own loopback address. */
    static String portKey(ServicePortName port) {
        return port.namespace() + "/" + port.service() + "/" + port.port() + "/" + port.protocol();
    }
}
