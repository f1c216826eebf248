package io.podlb.control.address;

import io.podlb.control.allocate.PortRange;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides where front ends are bound: cluster IPs by {@link ClusterIpMode}, node ports by {@link NodePortAddresses},
 * external IPs and load balancer VIPs as they stand; or all of them where whoever embeds podlb says.
 *
 * <p>The high ports of mode {@code port} are held from pass to pass, so an edit of one Service moves no other. Control
 * thread only.
 */
public final class AddressMap {

    private final ClusterIpMode mode;
    private final @Nullable LoopbackMapping loopback;
    private final NodePortAddresses nodePorts;
    private final Supplier<List<InetAddress>> interfaces;
    private final StableNumbers highPorts;
    private final @Nullable BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places;

    private AddressMap(
            ClusterIpMode mode,
            @Nullable LoopbackMapping loopback,
            NodePortAddresses nodePorts,
            Supplier<List<InetAddress>> interfaces,
            PortRange highPorts) {
        this.places = null;
        this.mode = mode;
        this.loopback = loopback;
        this.nodePorts = nodePorts;
        this.interfaces = interfaces;
        this.highPorts = new StableNumbers(highPorts.first(), highPorts.last());
    }

    /**
     * A map in which nothing is placed yet.
     *
     * @param serviceRanges where cluster IPs come from; one outside of them is served as in mode {@code port}
     * @param interfaces reads the addresses of this machine
     * @param highPorts what mode {@code port} gives out
     * @throws IllegalArgumentException with one line, if the ranges cannot be mapped to loopback addresses
     */
    public static AddressMap of(
            ClusterIpMode mode,
            List<Cidr> serviceRanges,
            NodePortAddresses nodePorts,
            Supplier<List<InetAddress>> interfaces,
            PortRange highPorts) {
        LoopbackMapping loopback = mode == ClusterIpMode.LOOPBACK ? LoopbackMapping.of(serviceRanges) : null;
        return new AddressMap(mode, loopback, nodePorts, interfaces, highPorts);
    }

    private AddressMap(BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places) {
        this.places = places;
        this.mode = ClusterIpMode.BIND;
        this.loopback = null;
        this.nodePorts = NodePortAddresses.all();
        this.interfaces = List::of;
        this.highPorts = new StableNumbers(1, 1);
    }

    /**
     * A map for whoever embeds podlb and has places of his own for front ends.
     *
     * @param places where to bind a front end; called by the control thread alone, for every front end in each pass, in
     *     the order of the Services
     */
    public static AddressMap of(BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places) {
        return new AddressMap(places);
    }

    /** A block of 127/8 that no front end of a cluster IP is in. */
    public Cidr podBlock() {
        return (loopback == null ? LoopbackMapping.of(List.of()) : loopback).podBlock();
    }

    /** Whether a pass may give another result although no object has changed. */
    public boolean followsInterfaces() {
        return nodePorts.followsInterfaces();
    }

    /**
     * Places the front ends of all Services.
     *
     * @param node addresses of this node's Node object; empty if there is none
     */
    public Placement place(List<ServicePlan> services, List<InetAddress> node) {
        if (places != null) {
            return placed(services, places);
        }
        Set<String> keys = new HashSet<>();
        for (ServicePlan service : services) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    keys.add(Placement.portKey(family.name()));
                }
            }
        }
        List<InetAddress> present = nodePorts.followsInterfaces() ? interfaces.get() : List.of();
        Map<IpFamily, List<InetAddress>> nodePortAddresses = new EnumMap<>(IpFamily.class);
        for (IpFamily family : IpFamily.values()) {
            nodePortAddresses.put(family, nodePorts.of(family, present, node));
        }
        return new Placement(mode, loopback, highPorts.assign(keys), nodePortAddresses);
    }

    private static Placement placed(
            List<ServicePlan> services, BiFunction<ServicePortName, FrontendPlan, List<SocketAddressSpec>> places) {
        Map<Placement.Front, List<SocketAddressSpec>> placed = new HashMap<>();
        for (ServicePlan service : services) {
            for (PortPlan port : service.ports()) {
                for (FamilyPlan family : port.families()) {
                    for (FrontendPlan frontend : family.frontends()) {
                        placed.put(
                                Placement.Front.of(family.name(), frontend),
                                List.copyOf(places.apply(family.name(), frontend)));
                    }
                }
            }
        }
        return new Placement(placed);
    }

    static InetAddress loopback(IpFamily family) {
        return InetAddresses.parse(family == IpFamily.IPV4 ? "127.0.0.1" : "::1");
    }
}
