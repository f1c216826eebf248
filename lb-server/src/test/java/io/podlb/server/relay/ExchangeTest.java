package io.podlb.server.relay;

import static io.podlb.server.UdpRig.NAME;
import static io.podlb.server.UdpRig.descriptors;
import static io.podlb.server.UdpRig.dropped;
import static io.podlb.server.UdpRig.ended;
import static io.podlb.server.UdpRig.flows;
import static io.podlb.server.UdpRig.frontend;
import static io.podlb.server.UdpRig.offer;
import static io.podlb.server.UdpRig.openFlows;
import static io.podlb.server.UdpRig.rig;
import static io.podlb.server.UdpRig.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpClient;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DNS requests that are balanced one by one, over real sockets. */
@Timeout(60)
class ExchangeTest {

    private static final FlowSpec PER_DATAGRAM = new FlowSpec(null, Set.of(), FlowMode.PER_DATAGRAM);

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void eachRequestOfOneClientPortIsBalancedOnItsOwn(String transport) throws Exception {
        try (UdpBackend one = resolver("one");
                UdpBackend two = resolver("two");
                UdpBackend three = resolver("three");
                Rig rig = offer(Rig.start(transport), PER_DATAGRAM, one, two, three);
                UdpClient client = UdpClient.of(rig.address())) {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                byte[] request = Dns.request(i, "www.example.org", "mine");
                client.send(request);
                byte[] answer = client.receive();
                names.add(Dns.text(answer));
                assertThat(answer).as("nothing else has changed").isEqualTo(Dns.answer(request, names.get(i)));
            }
            assertThat(names.subList(0, 3)).containsExactlyInAnyOrder("one", "two", "three");
            assertThat(names.subList(3, 6)).isEqualTo(names.subList(0, 3));
            await().until(() -> ended(rig, "answered") == 6);
            assertThat(flows(rig)).isEqualTo(6);
            assertThat(openFlows(rig)).isZero();
        }
    }

    /** Two clients may use the same identifier for the same question. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoAsksTheSameWithTheSameIdGetsItsOwnAnswer(String transport) throws Exception {
        int count = 100;
        List<UdpClient> clients = new ArrayList<>();
        try (DatagramSocket backend = silent();
                Rig rig = offering(transport, backend)) {
            long descriptors = descriptors();
            List<DatagramPacket> requests = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                UdpClient client = UdpClient.of(rig.address());
                clients.add(client);
                client.send(Dns.request(4711, "www.example.org", "client " + i));
                requests.add(receive(backend));
            }
            assertThat(descriptors() - count - descriptors)
                    .as("sockets for one backend")
                    .isBetween(2L, (long) SharedUpstreams.PER_BACKEND);
            assertThat(requests.stream().map(DatagramPacket::getPort).distinct().count())
                    .isLessThanOrEqualTo(SharedUpstreams.PER_BACKEND);
            List<Integer> ids =
                    requests.stream().map(ExchangeTest::content).map(Dns::id).toList();
            assertThat(ids).as("random ones").isNotEqualTo(ids.stream().sorted().toList());
            assertThat(new HashSet<>(ids)).as("random ones").hasSizeGreaterThan(count / 2);
            assertThat(openFlows(rig)).isEqualTo(count);

            Collections.reverse(requests);
            for (DatagramPacket request : requests) {
                send(backend, request, Dns.answer(content(request), "done"));
            }
            for (int i = 0; i < count; i++) {
                byte[] answer = clients.get(i).receive();
                assertThat(answer).isEqualTo(Dns.answer(Dns.request(4711, "www.example.org", "client " + i), "done"));
            }
        } finally {
            clients.forEach(UdpClient::close);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void onlyTheAnswerToTheRequestReachesItsClient(String transport) throws Exception {
        try (DatagramSocket backend = silent();
                Rig rig = offering(transport, backend);
                UdpClient client = UdpClient.of(rig.address())) {
            client.send(Dns.request(1, "www.example.org", ""));
            DatagramPacket packet = receive(backend);
            byte[] request = content(packet);
            byte[] answer = Dns.answer(request, "right");
            send(backend, packet, Dns.withId(Dns.answer(request, "another id"), Dns.id(request) ^ 1));
            byte[] other = Dns.answer(Dns.request(Dns.id(request), "wwx.example.org", ""), "another question");
            send(backend, packet, other);
            send(backend, packet, request); // no answer
            send(backend, packet, Arrays.copyOf(answer, 11));
            send(backend, packet, new byte[0]);
            send(backend, packet, answer);
            send(backend, packet, answer); // again
            assertThat(Dns.text(client.receive())).isEqualTo("right");
            await().until(() -> dropped(rig, "unmatched-answer") == 6);
            assertThat(rig.counter(
                            "podlb_udp_datagrams_total" + io.podlb.server.UdpRig.LABELS + ",direction=to-client}"))
                    .isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void portUnreachableMovesTheRequest(String transport) throws Exception {
        try (UdpBackend one = resolver("one");
                Rig rig = Rig.start(transport);
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(
                    frontend(rig),
                    PER_DATAGRAM,
                    List.of(UdpBackend.refusing(), UdpBackend.refusing(), one.spec()),
                    "round-robin"));
            for (int i = 0; i < 10; i++) {
                assertThat(ask(client, i)).isEqualTo("one");
            }
            rig.apply(spec(
                    frontend(rig), PER_DATAGRAM, List.of(UdpBackend.refusing(), UdpBackend.refusing()), "round-robin"));
            client.send(Dns.request(1, "www.example.org", ""));
            await().until(() -> ended(rig, "connect-failed") == 1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whatWaitsForABackendThatDiesIsAskedElsewhere(String transport) throws Exception {
        try (DatagramSocket dying = silent();
                UdpBackend two = resolver("two");
                Rig rig = offering(transport, dying)) {
            List<UdpClient> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                UdpClient client = UdpClient.of(rig.address());
                clients.add(client);
                client.send(Dns.request(i, "www.example.org", ""));
                receive(dying);
            }
            BackendSpec gone = at(dying);
            rig.apply(spec(frontend(rig), PER_DATAGRAM, List.of(gone, two.spec()), "round-robin"));
            dying.close();
            try (UdpClient another = UdpClient.of(rig.address())) {
                // Each of the shared sockets hears of it when it next sends.
                for (int i = 0; openFlows(rig) > 0; i++) {
                    assertThat(ask(another, i)).isEqualTo("two");
                }
            }
            for (UdpClient client : clients) {
                assertThat(Dns.text(client.receive())).isEqualTo("two");
                client.close();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whatIsNoDnsHasAFlowOfItsClient(String transport) throws Exception {
        try (UdpBackend one = UdpBackend.saying("one");
                UdpBackend two = UdpBackend.saying("two");
                Rig rig = offer(Rig.start(transport), PER_DATAGRAM, one, two);
                UdpClient client = UdpClient.of(rig.address())) {
            String first = client.ask("please");
            for (int i = 0; i < 4; i++) {
                assertThat(client.ask("please")).as("same backend, same port").isEqualTo(first);
            }
            assertThat(flows(rig)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aRequestWithoutAnswerEndsAndItsSocketWithIt(String transport) throws Exception {
        try (DatagramSocket backend = silent();
                Rig rig = Rig.start(
                        LoadBalancerConfig.builder().transport(transport).udpIdleTimeout(Duration.ofMillis(200)));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), PER_DATAGRAM, List.of(at(backend)), "round-robin"));
            long descriptors = descriptors();
            client.send(Dns.request(1, "www.example.org", ""));
            DatagramPacket request = receive(backend);
            await().until(() -> ended(rig, "idle-timeout") == 1);
            assertThat(openFlows(rig)).isZero();
            await().until(() -> descriptors() <= descriptors);
            send(backend, request, Dns.answer(content(request), "late"));
            client.send(Dns.request(2, "www.example.org", ""));
            DatagramPacket next = receive(backend);
            send(backend, next, Dns.answer(content(next), "in time"));
            assertThat(Dns.text(client.receive())).isEqualTo("in time");
        }
    }

    @Test
    void requestsThatWaitAreBounded() throws Exception {
        try (DatagramSocket backend = silent();
                Rig rig = Rig.start(LoadBalancerConfig.builder().udpMaxFlows(8));
                UdpClient client = UdpClient.of(rig.address())) {
            rig.apply(spec(frontend(rig), PER_DATAGRAM, List.of(at(backend)), "round-robin"));
            DatagramPacket last = null;
            for (int i = 0; i < 100; i++) {
                client.send(Dns.request(i, "www.example.org", ""));
                last = receive(backend);
            }
            assertThat(openFlows(rig)).isEqualTo(8);
            assertThat(ended(rig, "evicted")).isEqualTo(92);
            send(backend, last, Dns.answer(content(last), "the newest"));
            assertThat(Dns.id(client.receive())).isEqualTo(99);
        }
    }

    /** Kube-semantics 8.2. */
    @Test
    void withAffinityAllRequestsOfAClientAddressGoToOneBackend() throws Exception {
        try (UdpBackend one = resolver("one");
                UdpBackend two = resolver("two");
                Rig rig = Rig.start((String) null)) {
            rig.apply(new ServicePortSpec(
                    NAME,
                    List.of(frontend(rig)),
                    "round-robin",
                    Duration.ofHours(1),
                    List.of(one.spec(), two.spec()),
                    List.of(),
                    PER_DATAGRAM));
            Set<String> names = new HashSet<>();
            for (int i = 0; i < 3; i++) {
                try (UdpClient client = UdpClient.of(rig.address())) {
                    names.add(ask(client, i));
                    names.add(ask(client, i));
                }
            }
            assertThat(names).hasSize(1);
        }
    }

    @Test
    void theModeOfALiveServiceCanChange() throws Exception {
        try (UdpBackend one = resolver("one");
                UdpBackend two = resolver("two");
                Rig rig = rig(null, one, two);
                UdpClient client = UdpClient.of(rig.address())) {
            String name = ask(client, 1);
            assertThat(ask(client, 2)).isEqualTo(name);
            offer(rig, PER_DATAGRAM, one, two);
            assertThat(List.of(ask(client, 3), ask(client, 4))).containsExactlyInAnyOrder("one", "two");
            offer(rig, FlowSpec.NONE, one, two);
            assertThat(ask(client, 5)).as("its flow is still there").isEqualTo(name);
            assertThat(ask(client, 6)).isEqualTo(name);
        }
    }

    private static String ask(UdpClient client, int id) throws IOException {
        client.send(Dns.request(id, "www.example.org", ""));
        byte[] answer = client.receive();
        assertThat(Dns.id(answer)).isEqualTo(id);
        return Dns.text(answer);
    }

    /** Answers every request with its name. */
    private static UdpBackend resolver(String name) {
        return UdpBackend.running((content, port) -> Dns.answer(content, name));
    }

    private static DatagramSocket silent() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
        socket.setSoTimeout(10_000);
        return socket;
    }

    private static Rig offering(String transport, DatagramSocket backend) {
        Rig rig = Rig.start(transport);
        return rig.apply(spec(frontend(rig), PER_DATAGRAM, List.of(at(backend)), "round-robin"));
    }

    private static BackendSpec at(DatagramSocket backend) {
        return BackendSpec.of(new SocketAddressSpec(backend.getLocalAddress(), backend.getLocalPort()));
    }

    private static DatagramPacket receive(DatagramSocket backend) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        backend.receive(packet);
        return packet;
    }

    private static byte[] content(DatagramPacket packet) {
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static void send(DatagramSocket backend, DatagramPacket to, byte[] content) throws IOException {
        backend.send(new DatagramPacket(content, content.length, to.getSocketAddress()));
    }
}
