package io.podlb.e2e.bench.jmh;

import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.stream.IntStream;

/** Service ports and endpoints by number. */
final class Specs {

    private Specs() {}

    static ServicePortSpec service(
            int number, String policy, List<FrontendSpec> frontends, List<BackendSpec> backends) {
        ServicePortName name = new ServicePortName("default", "s" + number, "", Protocol.TCP, IpFamily.IPV4);
        return new ServicePortSpec(name, frontends, policy, null, backends, List.of());
    }

    /** Endpoints from that number on. */
    static List<BackendSpec> backends(int from, int count) {
        return IntStream.range(from, from + count)
                .mapToObj(i -> BackendSpec.of(address("10." + (128 + i / 65_536), i, 8080)))
                .toList();
    }

    /** A front end of loopback for each number. */
    static List<FrontendSpec> frontend(int number) {
        return List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, address("127.98", number, 8080)));
    }

    private static SocketAddressSpec address(String net, int number, int port) {
        String text = net + "." + number / 256 % 256 + "." + number % 256;
        return new SocketAddressSpec(InetAddresses.parse(text), port);
    }
}
