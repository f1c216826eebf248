package io.podlb.server.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.listener.ListenerView.State;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** When an address is listened on, by whom, and what becomes of a failed bind. */
@Timeout(60)
class ListenerTest {

    /** Kube-semantics 5.2, 5.4, 9.1, 9.2, 22. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void withoutEndpointsClientsAreRefusedAndOpenConnectionsLiveOn(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(transport)) {
            assertThatThrownBy(rig::connect).isInstanceOf(ConnectException.class);
            assertThat(rig.listener().state()).isEqualTo(State.EMPTY);
            for (int round = 0; round < 20; round++) {
                rig.offer(echo.spec());
                try (Socket open = rig.connect()) {
                    open.getOutputStream().write('a');
                    assertThat(open.getInputStream().read()).isEqualTo('a');
                    rig.offer();
                    assertThatThrownBy(rig::connect).isInstanceOf(ConnectException.class);
                    open.getOutputStream().write('b');
                    assertThat(open.getInputStream().read())
                            .as("after the last endpoint went")
                            .isEqualTo('b');
                }
            }
        }
    }

    /** Kube-semantics 6.7, 10.6. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anAddressInUseIsReportedRetriedAndDisturbsNothingElse(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport);
                ServerSocket intruder = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            ServicePortSpec works = spec("works", rig.addressSpec(), one.spec());
            ServicePortSpec fails = spec(
                    "fails", new SocketAddressSpec(intruder.getInetAddress(), intruder.getLocalPort()), one.spec());
            rig.apply(works, fails);
            assertThat(rig.ask()).isEqualTo("one");
            ListenerView failed = rig.balancer().listeners().get(0);
            assertThat(failed.port().service()).isEqualTo("fails");
            assertThat(failed.state()).isEqualTo(State.FAILED);
            assertThat(failed.failure())
                    .contains("127.0.0.1:" + intruder.getLocalPort())
                    .contains("another socket has this port")
                    .contains("ss -ltnp");
            assertThat(
                            rig.counter(
                                    "podlb_bind_failures_total{namespace=default,service=fails,port=,protocol=TCP,family=IPv4}"))
                    .isPositive();

            InetSocketAddress address = (InetSocketAddress) intruder.getLocalSocketAddress();
            intruder.close();
            await().until(() -> rig.balancer().listeners().get(0).state() == State.OPEN);
            assertThat(ask(address)).isEqualTo("one");
        }
    }

    /** Kube-semantics 6.8: whoever wants an external IP served gives it to an interface. */
    @Test
    void anAddressThatNoInterfaceHasSaysHowToAddIt() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null)) {
            rig.apply(spec("far", new SocketAddressSpec(InetAddress.getByName("192.0.2.1"), 80), one.spec()));
            assertThat(rig.listener().state()).isEqualTo(State.FAILED);
            assertThat(rig.listener().failure())
                    .isEqualTo("cannot listen on 192.0.2.1:80: no interface has this address; add it, for example with:"
                            + " ip route add local 192.0.2.1 dev lo");
        }
    }

    /** An any-address route is enough for IPv4; for IPv6 the kernel has to be told by the socket, which the JDK cannot. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClusterIpOfIpv6NeedsNoInterfaceThatHasIt(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport)) {
            SocketAddressSpec far = new SocketAddressSpec(
                    InetAddress.getByName("2001:db8::1"), rig.addressSpec().port());
            for (Protocol protocol : List.of(Protocol.TCP, Protocol.UDP)) {
                rig.apply(ipv6(protocol, FrontendKind.CLUSTER_IP, far, one.spec()));
                assertThat(rig.listener().state())
                        .as("%s", protocol)
                        .isEqualTo(transport.equals("nio") ? State.FAILED : State.OPEN);
                rig.apply(ipv6(protocol, FrontendKind.EXTERNAL_IP, far, one.spec()));
                assertThat(rig.listener().failure())
                        .as("an address that is not podlb's to make local")
                        .endsWith("add it, for example with: ip address add 2001:db8:0:0:0:0:0:1/128 dev lo");
            }
        }
    }

    private static ServicePortSpec ipv6(
            Protocol protocol, FrontendKind kind, SocketAddressSpec bind, BackendSpec backend) {
        return new ServicePortSpec(
                new ServicePortName("default", "six", "", protocol, IpFamily.IPV6),
                List.of(FrontendSpec.of(kind, bind)),
                "random",
                null,
                List.of(backend),
                List.of());
    }

    /** Kube-semantics 10.4. */
    @Test
    void anAddressBelongsToItsFirstClaimantUntilItLetsGo() throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start((String) null)) {
            ServicePortSpec first = spec("a-first", rig.addressSpec(), one.spec());
            ServicePortSpec second = spec("b-second", rig.addressSpec(), two.spec());
            rig.apply(first, second);
            assertThat(rig.ask()).isEqualTo("one");
            assertThat(rig.balancer().listeners().get(1).failure()).contains("it belongs to default/a-first");

            // Kept while the first one has nothing to offer, too.
            rig.apply(spec("a-first", rig.addressSpec()), second);
            assertThatThrownBy(rig::connect).isInstanceOf(ConnectException.class);

            rig.apply(second);
            assertThat(rig.ask()).isEqualTo("two");
        }
    }

    /** Kube-semantics 2.17, 13.2. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void anAddressMovesFromOneServiceToAnotherInOneChange(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = Rig.start(transport)) {
            SocketAddressSpec wildcard = new SocketAddressSpec(
                    InetAddress.getByName("0.0.0.0"), rig.addressSpec().port());
            for (int round = 0; round < 10; round++) {
                rig.apply(spec("one", rig.addressSpec(), one.spec()));
                assertThat(rig.ask()).isEqualTo("one");
                rig.apply(spec("two", wildcard, two.spec())); // the same port, now on every address
                assertThat(rig.ask()).isEqualTo("two");
            }
        }
    }

    /** Kube-semantics 13.3. */
    @Test
    void anUnchangedListenerIsNotTouchedByChangesElsewhere() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null)) {
            ServicePortSpec stays = spec("stays", rig.addressSpec(), one.spec());
            rig.apply(stays);
            try (Socket queued = new Socket()) {
                for (int change = 0; change < 50; change++) {
                    rig.apply(stays, spec("other" + change, Rig.freeAddress(), one.spec()));
                    assertThat(rig.ask()).isEqualTo("one");
                }
            }
            assertThat(rig.endReasons().keySet()).containsExactly(EndReason.BACKEND_CLOSED);
        }
    }

    /** Kube-semantics 6.2, 24.4. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aSourceOutsideOfTheRangesIsResetAndCounted(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start(transport)) {
            rig.apply(withFrontend(rig, one, EndpointSet.CLUSTER, EndpointSet.CLUSTER, "10.0.0.0/8"));
            assertThatThrownBy(() -> rig.ask()).isInstanceOf(IOException.class);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.SOURCE_DENIED, 1L));
            rig.apply(withFrontend(rig, one, EndpointSet.CLUSTER, EndpointSet.CLUSTER, "10.0.0.0/8", "127.0.0.0/8"));
            assertThat(rig.ask()).as("a changed range on an open listener").isEqualTo("one");
        }
    }

    /** Kube-semantics 5.6. */
    @Test
    void underLocalPolicyNodeLocalClientsUseTheClusterSet() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null)) {
            rig.apply(withFrontend(rig, one, EndpointSet.LOCAL, EndpointSet.CLUSTER));
            assertThat(rig.ask()).as("from the node itself").isEqualTo("one");
        }
    }

    @Test
    void sctpIsShownAsNotServed() throws Exception {
        try (Backends one = Backends.saying("one");
                Rig rig = Rig.start((String) null)) {
            rig.apply(new ServicePortSpec(
                    new ServicePortName("default", "dns", "", Protocol.SCTP, IpFamily.IPV4),
                    List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, rig.addressSpec())),
                    "random",
                    null,
                    List.of(one.spec()),
                    List.of()));
            assertThat(rig.listener().state()).isEqualTo(State.UNSERVED);
            assertThat(rig.listener().failure()).contains("SCTP is not served");
        }
    }

    @Test
    void beyondTheConnectionLimitClientsAreReset() throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder().maxConnections(2), echo);
                Socket first = rig.connect();
                Socket second = rig.connect()) {
            for (Socket socket : List.of(first, second)) {
                socket.getOutputStream().write('x');
                assertThat(socket.getInputStream().read()).isEqualTo('x');
            }
            assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
            first.close();
            await().until(() ->
                    rig.connections().stream().anyMatch(view -> view.endReason() == EndReason.CLIENT_CLOSED));
            try (Socket fourth = rig.connect()) {
                fourth.getOutputStream().write('y');
                assertThat(fourth.getInputStream().read()).isEqualTo('y');
            }
            assertThat(rig.connections())
                    .filteredOn(view -> view.endReason() == EndReason.CONNECTION_LIMIT)
                    .hasSize(1);
        }
    }

    private static ServicePortSpec withFrontend(
            Rig rig, Backends backend, EndpointSet set, EndpointSet nodeLocal, String... ranges) {
        FrontendSpec frontend = new FrontendSpec(
                FrontendKind.LOAD_BALANCER,
                rig.addressSpec(),
                set,
                nodeLocal,
                java.util.Arrays.stream(ranges).map(Cidr::parse).toList());
        return new ServicePortSpec(Rig.NAME, List.of(frontend), "random", null, List.of(backend.spec()), List.of());
    }

    private static ServicePortSpec spec(String service, SocketAddressSpec bind, BackendSpec... backends) {
        return new ServicePortSpec(
                new ServicePortName("default", service, "", Protocol.TCP, IpFamily.IPV4),
                List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, bind)),
                "random",
                null,
                List.of(backends),
                List.of());
    }

    private static String ask(InetSocketAddress address) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address);
            return new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
