package io.podlb.server.relay;

import static io.podlb.server.UdpRig.LABELS;
import static io.podlb.server.UdpRig.counter;
import static io.podlb.server.UdpRig.dropped;
import static io.podlb.server.UdpRig.frontend;
import static io.podlb.server.UdpRig.rig;
import static io.podlb.server.UdpRig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.Rig;
import io.podlb.server.Transports;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Datagrams over real sockets: sizes, addresses, ports, and who may send. */
@Timeout(60)
class UdpTest {

    static Stream<Arguments> sizes() {
        return Transports.all()
                .flatMap(transport -> Stream.of(0, 1, 1472, 8972, 65_507).map(size -> Arguments.of(transport, size)));
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void datagramsPassWholeBothWays(String transport, int size) throws Exception {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        try (UdpBackend echo = UdpBackend.echo();
                Rig rig = rig(transport, echo);
                UdpClient client = UdpClient.of(rig.address())) {
            for (int i = 0; i < 3; i++) {
                client.send(content);
                assertThat(client.receive()).isEqualTo(content);
            }
            await().untilAsserted(() -> {
                assertThat(counter(rig, "podlb_udp_datagrams_total", "direction=to-backend"))
                        .isEqualTo(3);
                assertThat(counter(rig, "podlb_udp_datagrams_total", "direction=to-client"))
                        .isEqualTo(3);
                assertThat(counter(rig, "podlb_udp_bytes_total", "direction=to-client"))
                        .isEqualTo(3L * size);
            });
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void manyInARowArriveAll(String transport) throws Exception {
        try (UdpBackend echo = UdpBackend.echo();
                Rig rig = rig(transport, echo);
                UdpClient client = UdpClient.of(rig.address())) {
            for (int round = 0; round < 20; round++) {
                Set<Integer> answers = new HashSet<>();
                for (int i = 0; i < 20; i++) {
                    client.send(new byte[] {(byte) i});
                }
                for (int i = 0; i < 20; i++) {
                    answers.add((int) client.receive()[0]);
                }
                assertThat(answers).hasSize(20);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void answersComeFromTheAddressThatWasCalled(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(transport)) {
            int port = rig.addressSpec().port();
            SocketAddressSpec second = new SocketAddressSpec(InetAddress.getByName("127.0.0.2"), port);
            rig.apply(spec(FrontendSpec.of(FrontendKind.CLUSTER_IP, second), one.spec()));
            try (UdpClient client = UdpClient.of(second.toSocketAddress())) {
                assertThat(client.whoAnswers()).isEqualTo("one");
            }
            SocketAddressSpec wildcard = new SocketAddressSpec(InetAddress.getByName("0.0.0.0"), port);
            rig.apply(spec(FrontendSpec.of(FrontendKind.NODE_PORT, wildcard), one.spec()));
            assertThat(rig.listener().bound()).isEqualTo(wildcard);
            for (InetAddress address : ownAddresses(IpFamily.IPV4)) {
                // From 127.0.0.1 to any of them: the system itself would answer from 127.0.0.1.
                try (UdpClient client = UdpClient.of(new SocketAddressSpec(address, port).toSocketAddress())) {
                    assertThat(client.whoAnswers()).as(address.toString()).isEqualTo("one");
                }
            }
        }
    }

    private static List<InetAddress> ownAddresses(IpFamily family) throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> IpFamily.of(address) == family && !address.isLinkLocalAddress())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void ipv6IsServedAsWell(String transport) throws Exception {
        byte[] content = new byte[65_507];
        new Random(6).nextBytes(content);
        try (UdpBackend echo = UdpBackend.echo();
                Rig rig = Rig.start(transport)) {
            int port = rig.addressSpec().port();
            InetAddress loopback = InetAddress.getByName("::1");
            SocketAddressSpec one = new SocketAddressSpec(loopback, port);
            rig.apply(six(one, echo));
            try (UdpClient client = UdpClient.of(loopback, one.toSocketAddress())) {
                for (byte[] each : List.of(content, new byte[0], content)) {
                    client.send(each);
                    assertThat(client.receive()).isEqualTo(each);
                }
            }
            SocketAddressSpec wildcard = new SocketAddressSpec(InetAddress.getByName("::"), port);
            rig.apply(six(wildcard, echo));
            assertThat(rig.listener().bound()).isEqualTo(wildcard);
            assertThat(ownAddresses(IpFamily.IPV6)).contains(loopback);
            for (InetAddress address : ownAddresses(IpFamily.IPV6)) {
                // From ::1 to any of them: the system itself would answer from ::1.
                SocketAddressSpec called = new SocketAddressSpec(InetAddresses.canonical(address), port);
                try (UdpClient client = UdpClient.of(loopback, called.toSocketAddress())) {
                    assertThat(client.ask("from " + address)).isEqualTo("from " + address);
                }
            }
        }
    }

    private static ServicePortSpec six(SocketAddressSpec bind, UdpBackend backend) {
        return new ServicePortSpec(
                new ServicePortName("default", "web", "", Protocol.UDP, IpFamily.IPV6),
                List.of(FrontendSpec.of(FrontendKind.NODE_PORT, bind)),
                "random",
                null,
                List.of(backend.spec()),
                List.of());
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void tcpAndUdpShareANumberAndEitherGoesAlone(String transport) throws Exception {
        try (Backends tcp = Backends.saying("tcp");
                UdpBackend udp = UdpBackend.saying("udp");
                Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.connected(rig.address())) {
            ServicePortSpec overTcp = rig.spec(tcp.spec());
            ServicePortSpec overUdp = spec(frontend(rig), udp.spec());
            rig.apply(overTcp, overUdp);
            assertThat(rig.ask()).isEqualTo("tcp");
            assertThat(client.whoAnswers()).isEqualTo("udp");
            rig.apply(overUdp);
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            assertThat(client.whoAnswers()).isEqualTo("udp");
            rig.apply(overTcp);
            assertThat(rig.ask()).isEqualTo("tcp");
            client.send("anybody?");
            assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
            await().untilAsserted(() -> assertThat(
                            rig.balancer().metrics().getCounters().keySet())
                    .as("metrics leave with the service port")
                    .noneMatch(name -> name.startsWith("podlb_udp")));
        }
    }

    @Test
    void aSourceOutsideOfTheRangesIsDroppedAndCounted() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start((String) null);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(restricted(rig, EndpointSet.CLUSTER, "10.0.0.0/8"), one.spec()));
            client.send("let me in");
            await().until(() -> dropped(rig, "source-denied") == 1);
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isZero();
            rig.apply(spec(restricted(rig, EndpointSet.CLUSTER, "127.0.0.0/8"), one.spec()));
            assertThat(client.whoAnswers()).isEqualTo("one");
        }
    }

    /** Kube-semantics 5.6. */
    @Test
    void underLocalPolicyNodeLocalClientsUseTheClusterSet() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start((String) null);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(restricted(rig, EndpointSet.LOCAL), one.spec()));
            assertThat(client.whoAnswers()).isEqualTo("one");
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aPortInUseIsReportedAndTakenWhenItIsFree(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.of(rig.address());
                DatagramSocket intruder = new DatagramSocket(rig.address())) {
            rig.apply(spec(frontend(rig), one.spec()));
            assertThat(rig.listener().state()).isEqualTo(State.FAILED);
            assertThat(rig.listener().failure())
                    .contains("another socket has this port")
                    .contains("ss -lunp");
            intruder.close();
            await().until(() -> rig.listener().state() == State.OPEN);
            assertThat(client.whoAnswers()).isEqualTo("one");
        }
    }

    @Test
    void anEndpointThatIsAUdpFrontEndItselfIsNeverSentTo() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start((String) null);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), BackendSpec.of(rig.addressSpec()), one.spec()));
            for (int i = 0; i < 3; i++) {
                assertThat(client.whoAnswers()).isEqualTo("one");
            }
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(1);
        }
    }

    private static FrontendSpec restricted(Rig rig, EndpointSet set, String... ranges) {
        return new FrontendSpec(
                FrontendKind.LOAD_BALANCER,
                rig.addressSpec(),
                set,
                EndpointSet.CLUSTER,
                Arrays.stream(ranges).map(Cidr::parse).toList());
    }
}
