package io.podlb.server;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** What tests of UDP do with a {@link Rig}: one service port of UDP, round-robin, and its counters. */
public final class UdpRig {

    public static final ServicePortName NAME = new ServicePortName("default", "web", "", Protocol.UDP, IpFamily.IPV4);
    public static final String LABELS = "{namespace=default,service=web,port=,protocol=UDP,family=IPv4";

    private UdpRig() {}

    public static Rig rig(String transport, UdpBackend... backends) {
        return offer(Rig.start(transport), FlowSpec.NONE, backends);
    }

    public static Rig offer(Rig rig, FlowSpec flows, UdpBackend... backends) {
        return rig.apply(spec(
                frontend(rig),
                flows,
                Arrays.stream(backends).map(UdpBackend::spec).toList(),
                "round-robin"));
    }

    public static FrontendSpec frontend(Rig rig) {
        return FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec());
    }

    public static ServicePortSpec spec(FrontendSpec frontend, BackendSpec... backends) {
        return spec(frontend, FlowSpec.NONE, List.of(backends), "round-robin");
    }

    public static ServicePortSpec spec(
            FrontendSpec frontend, FlowSpec flows, List<BackendSpec> backends, String policy) {
        return new ServicePortSpec(NAME, List.of(frontend), policy, null, backends, List.of(), flows);
    }

    public static long ended(Rig rig, String reason) {
        return counter(rig, "podlb_udp_flows_ended_total", "reason=" + reason);
    }

    public static long dropped(Rig rig, String reason) {
        return counter(rig, "podlb_udp_datagrams_dropped_total", "reason=" + reason);
    }

    public static long flows(Rig rig) {
        return rig.counter("podlb_udp_flows_total" + LABELS + "}");
    }

    public static long openFlows(Rig rig) {
        return rig.counter("podlb_udp_flows_open" + LABELS + "}");
    }

    public static long counter(Rig rig, String name, String label) {
        return rig.counter(name + LABELS + "," + label + "}");
    }

    /** Descriptors that this process has open. */
    public static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
