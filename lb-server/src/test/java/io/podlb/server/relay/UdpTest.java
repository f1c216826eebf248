package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.Transports;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** UDP over real sockets, seen from clients and backends. */
@Timeout(60)
class UdpTest {

    private static final ServicePortName NAME = new ServicePortName("default", "web", "", Protocol.UDP, IpFamily.IPV4);
    private static final String LABELS = "{namespace=default,service=web,port=,protocol=UDP,family=IPv4";

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
            for (InetAddress address : ownAddresses()) {
                // From 127.0.0.1 to any of them: the system itself would answer from 127.0.0.1.
                try (UdpClient client = UdpClient.of(new SocketAddressSpec(address, port).toSocketAddress())) {
                    assertThat(client.whoAnswers()).as(address.toString()).isEqualTo("one");
                }
            }
        }
    }

    private static List<InetAddress> ownAddresses() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> IpFamily.of(address) == IpFamily.IPV4)
                .toList();
    }

    @Test
    void ipv6IsServedAsWell() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start((String) null)) {
            SocketAddressSpec six = new SocketAddressSpec(
                    InetAddress.getByName("::1"), rig.addressSpec().port());
            rig.apply(new ServicePortSpec(
                    new ServicePortName("default", "web", "", Protocol.UDP, IpFamily.IPV6),
                    List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, six)),
                    "random",
                    null,
                    List.of(one.spec()),
                    List.of()));
            try (UdpClient client = UdpClient.of(six.address(), six.toSocketAddress())) {
                assertThat(client.whoAnswers()).isEqualTo("one");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachClientPortIsAFlowAndThePolicySpreadsThem(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                UdpBackend three = UdpBackend.saying("three");
                Rig rig = rig(transport, one, two, three)) {
            List<String> names = new ArrayList<>();
            Set<String> ports = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    String first = client.ask("");
                    assertThat(client.ask(""))
                            .as("the same backend, from the same port")
                            .isEqualTo(first);
                    names.add(first.split(" ")[0]);
                    ports.add(first.split(" ")[1]);
                }
            }
            assertThat(names.subList(0, 3)).containsExactlyInAnyOrder("one", "two", "three");
            assertThat(names.subList(3, 6)).isEqualTo(names.subList(0, 3));
            assertThat(ports).hasSize(6);
            assertThat(rig.counter("podlb_picks_total" + LABELS + "}")).isEqualTo(6);
        }
    }

    @Test
    void withAffinityAClientAddressStaysWithItsBackend() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = Rig.start((String) null)) {
            rig.apply(new ServicePortSpec(
                    NAME,
                    List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec())),
                    "round-robin",
                    Duration.ofHours(1),
                    List.of(one.spec(), two.spec()),
                    List.of()));
            Set<String> names = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    names.add(client.whoAnswers());
                }
            }
            assertThat(names).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anIdleFlowEndsAndTheNextDatagramBeginsAnother(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpIdleTimeout(Duration.ofMillis(100)));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), one.spec()));
            assertThat(client.whoAnswers()).isEqualTo("one");
            await().until(() -> ended(rig, "idle-timeout") == 1);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isZero();
            assertThat(client.whoAnswers()).isEqualTo("one");
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(2);
        }
    }

    @Test
    void aServicePortMayHaveAnIdleTimeoutOfItsOwn() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(LoadBalancerConfig.builder().udpIdleTimeout(Duration.ofHours(1)));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(
                    spec(frontend(rig), new FlowSpec(Duration.ofMillis(100), Set.of()), List.of(one.spec()), "random"));
            assertThat(client.whoAnswers()).isEqualTo("one");
            await().until(() -> ended(rig, "idle-timeout") == 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFloodDisplacesItsOwnFlowsAndNotAnsweredOnes(String transport) throws Exception {
        List<UdpClient> forged = new ArrayList<>();
        try (UdpBackend one = UdpBackend.sayingIfAsked("one");
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpMaxFlows(8));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), one.spec()));
            String before = client.ask("please");
            long descriptors = descriptors();
            for (int i = 0; i < 500; i++) {
                UdpClient another = UdpClient.of(rig.address());
                forged.add(another); // open to the end, so that no two have the same port
                another.send("flood");
                if (i % 50 == 49) { // no faster than the kernel's buffer allows, so that every one is seen
                    long begun = i + 2;
                    await().until(() -> rig.counter("podlb_udp_flows_total" + LABELS + "}") == begun);
                }
            }
            assertThat(client.ask("please"))
                    .as("the flow from before, same port")
                    .isEqualTo(before);
            await().until(() -> ended(rig, "evicted") == 501 - 8);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isEqualTo(8);
            await().untilAsserted(
                            () -> assertThat(descriptors() - forged.size()).isLessThanOrEqualTo(descriptors + 8));
        } finally {
            forged.forEach(UdpClient::close);
        }
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void portUnreachableMovesTheFlowWithItsDatagram(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                Rig rig = Rig.start(transport)) {
            rig.apply(spec(frontend(rig), UdpBackend.refusing(), UdpBackend.refusing(), one.spec()));
            for (int i = 0; i < 10; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    assertThat(client.whoAnswers()).isEqualTo("one");
                    assertThat(client.whoAnswers()).isEqualTo("one");
                }
            }
            assertThat(rig.counter("podlb_connect_retries_total" + LABELS + "}"))
                    .isPositive();
            assertThat(rig.counter("podlb_udp_flows_total" + LABELS + "}")).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFlowEndsWhenNobodyIsLeftToTry(String transport) throws Exception {
        try (Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), UdpBackend.refusing(), UdpBackend.refusing()));
            client.send("anybody?");
            await().until(() -> ended(rig, "connect-failed") == 1);
            assertThat(rig.counter("podlb_connect_attempts_total" + LABELS + "}"))
                    .isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aBackendThatDiesAfterItAnsweredIsLeft(String transport) throws Exception {
        UdpBackend one = UdpBackend.saying("one");
        try (UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            assertThat(client.whoAnswers()).isEqualTo("one");
            rig.apply(spec(frontend(rig), one.spec(), two.spec()));
            one.close();
            client.send("lost with the backend");
            await().until(() -> rig.counter("podlb_connect_retries_total" + LABELS + "}") == 1);
            assertThat(client.whoAnswers()).isEqualTo("two");
        } finally {
            one.close();
        }
    }

    /** Kube-semantics 9.3, 9.7. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void theNextDatagramFromTheSamePortLeavesABackendThatIsGone(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.of(rig.address())) {
            for (int round = 0; round < 5; round++) {
                assertThat(client.whoAnswers()).isEqualTo("one");
                rig.apply(spec(frontend(rig), two.spec()));
                assertThat(client.whoAnswers()).isEqualTo("two");
                rig.apply(spec(frontend(rig), one.spec()));
            }
            await().until(() -> ended(rig, "stale") == 10);
        }
    }

    /** Nothing is lost of what was asked before a change, however the answers and the change meet. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anAnswerThatIsUnderWayArrivesAfterItsBackendIsGone(String transport) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch gone = new CountDownLatch(1);
        try (UdpBackend slow = UdpBackend.running((content, port) -> {
                    asked.countDown();
                    awaitUninterruptibly(gone);
                    return "slow".getBytes(StandardCharsets.UTF_8);
                });
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, slow);
                UdpClient client = UdpClient.of(rig.address())) {
            client.send("please");
            asked.await();
            rig.apply(spec(frontend(rig), two.spec()));
            gone.countDown();
            assertThat(client.receive()).asString().isEqualTo("slow");
            assertThat(client.whoAnswers()).isEqualTo("two");
        } finally {
            gone.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Kube-semantics 9.4. */
    @Test
    void aFlowStaysWithABackendThatTerminatesAndServes() throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(null, one);
                UdpClient old = UdpClient.of(rig.address());
                UdpClient fresh = UdpClient.of(rig.address())) {
            String before = old.ask("");
            FlowSpec oneServes = new FlowSpec(null, Set.of(one.spec().address()));
            rig.apply(spec(frontend(rig), oneServes, List.of(two.spec()), "random"));
            assertThat(old.ask("")).isEqualTo(before);
            assertThat(fresh.whoAnswers()).isEqualTo("two");
            rig.apply(spec(frontend(rig), FlowSpec.NONE, List.of(two.spec()), "random"));
            assertThat(old.whoAnswers()).as("it serves no longer").isEqualTo("two");
        }
    }

    /** Kube-semantics 5.2, 9.5, 9.8. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whileNothingServesClientsAreToldAndFlowsAreLeftAlone(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = rig(transport, one);
                UdpClient client = UdpClient.connected(rig.address())) {
            String before = client.ask("please");
            rig.apply(spec(frontend(rig)));
            assertThat(rig.listener().state()).isEqualTo(State.EMPTY);
            client.send("anybody?");
            assertThatThrownBy(client::receive).isInstanceOf(PortUnreachableException.class);
            assertThat(rig.counter("podlb_udp_flows_open" + LABELS + "}")).isEqualTo(1);

            rig.apply(spec(frontend(rig), one.spec()));
            assertThat(client.ask("please")).as("back again: the same flow").isEqualTo(before);

            rig.apply(spec(frontend(rig)));
            rig.apply(spec(frontend(rig), two.spec()));
            assertThat(client.whoAnswers()).isEqualTo("two");
        }
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
            await().until(() -> counter(rig, "podlb_udp_datagrams_dropped_total", "reason=source-denied") == 1);
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

    private static Rig rig(String transport, UdpBackend... backends) {
        Rig rig = Rig.start(transport);
        return rig.apply(spec(
                frontend(rig), Arrays.stream(backends).map(UdpBackend::spec).toArray(BackendSpec[]::new)));
    }

    private static FrontendSpec frontend(Rig rig) {
        return FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec());
    }

    private static FrontendSpec restricted(Rig rig, EndpointSet set, String... ranges) {
        return new FrontendSpec(
                FrontendKind.LOAD_BALANCER,
                rig.addressSpec(),
                set,
                EndpointSet.CLUSTER,
                Arrays.stream(ranges).map(Cidr::parse).toList());
    }

    private static ServicePortSpec spec(FrontendSpec frontend, BackendSpec... backends) {
        return spec(frontend, FlowSpec.NONE, List.of(backends), "round-robin");
    }

    private static ServicePortSpec spec(
            FrontendSpec frontend, FlowSpec flows, List<BackendSpec> backends, String policy) {
        return new ServicePortSpec(NAME, List.of(frontend), policy, null, backends, List.of(), flows);
    }

    private static long ended(Rig rig, String reason) {
        return counter(rig, "podlb_udp_flows_ended_total", "reason=" + reason);
    }

    private static long counter(Rig rig, String name, String label) {
        return rig.counter(name + LABELS + "," + label + "}");
    }
}
