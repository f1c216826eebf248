package io.podlb.control.access;

import io.podlb.server.balance.PickReason;
import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules.AccessLog;
import java.util.List;

/** Records of connections and flows that have ended. */
final class Entries {

    private static final FrontendSpec FRONTEND = FrontendSpec.of(FrontendKind.CLUSTER_IP, address("10.96.0.10", 80));
    private static final SocketAddressSpec CLIENT = address("192.0.2.9", 50123);

    private Entries() {}

    private static SocketAddressSpec address(String ip, int port) {
        return new SocketAddressSpec(InetAddresses.parse(ip), port);
    }

    private static ServicePortName port(String name, Protocol protocol) {
        return new ServicePortName("default", "web", name, protocol, IpFamily.IPV4);
    }

    private static Attempt attempt(String ip, String pod, Outcome outcome, long millis) {
        return new Attempt(
                new BackendSpec(address(ip, 8080), 1, pod, null, null),
                new PickReason.Random(3),
                outcome,
                millis * 1_000_000);
    }

    /** One that reached the second Pod that it tried. */
    static ConnectionView connection(AccessLog log, String portName, String pod) {
        List<Attempt> tries = List.of(
                attempt("10.244.0.11", "web-1", Outcome.TIMED_OUT, 1000),
                attempt("10.244.0.12", pod, Outcome.CONNECTED, 2));
        return view(log, portName, pod, tries, EndReason.CLIENT_CLOSED);
    }

    /** One whose client was turned away. */
    static ConnectionView rejected(AccessLog log) {
        return view(log, "http", null, List.of(), EndReason.SOURCE_DENIED);
    }

    private static ConnectionView view(
            AccessLog log, String portName, String pod, List<Attempt> tries, EndReason reason) {
        return new ConnectionView(
                7,
                3,
                port(portName, Protocol.TCP),
                FRONTEND,
                CLIENT,
                "random",
                List.of(),
                tries,
                tries.isEmpty() ? null : address("10.244.0.12", 8080),
                pod,
                tries.isEmpty() ? null : new PickReason.Random(3),
                tries.size(),
                List.of(),
                78,
                612,
                log,
                0,
                1044,
                reason);
    }

    static FlowView flow(AccessLog log, FlowEnd end, Outcome outcome) {
        return new FlowView(
                8,
                1,
                port("dns", Protocol.UDP),
                FRONTEND,
                CLIENT,
                "random",
                List.of(),
                List.of(attempt("10.244.0.11", "dns-1", outcome, 1)),
                address("10.244.0.11", 8080),
                "dns-1",
                new PickReason.Random(3),
                1,
                List.of(),
                40,
                90,
                log,
                0,
                30_000,
                end);
    }
}
