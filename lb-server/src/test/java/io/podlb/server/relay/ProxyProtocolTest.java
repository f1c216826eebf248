package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.Cidr;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ProxyProtocol;
import io.podlb.server.service.ProxyProtocol.Send;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TrafficRules;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The PROXY protocol towards backends and from trusted proxies, over real sockets. */
@Timeout(60)
class ProxyProtocolTest {

    private static final ProxyProtocol REQUIRED = ProxyProtocol.OFF.withRequired(true);
    private static final String LINE = "PROXY TCP4 192.0.2.7 198.51.100.2 4711 443\r\n";
    private static final String V2_LOCAL = "\r\n\r\n\0\r\nQUIT\n\040\0\0\0";

    private static Rig rig(String transport, List<Cidr> trusted, UnaryOperator<TrafficRules> rules) {
        return Rig.start(LoadBalancerConfig.builder()
                        .transport(transport)
                        .trustedProxies(trusted)
                        .connectBudget(Duration.ofSeconds(20)))
                .shaped(spec -> spec.withTraffic(rules.apply(TrafficRules.NONE)));
    }

    private static Rig accepting(String transport, Backends... backends) {
        Rig rig = rig(transport, List.of(Cidr.parse("127.0.0.0/8")), rules -> rules.withProxyProtocol(REQUIRED));
        return rig.offer(Arrays.stream(backends).map(Backends::spec).toArray(BackendSpec[]::new));
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
    }

    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private static void isReset(Socket socket) {
        assertThatThrownBy(() -> socket.getInputStream().readAllBytes()).isInstanceOf(IOException.class);
    }

    /** A reset may come while the client is still connecting. */
    private static void resetsWhoeverConnects(Rig rig) {
        assertThatThrownBy(() -> {
                    try (Socket client = rig.connect()) {
                        rest(client);
                    }
                })
                .isInstanceOf(IOException.class);
    }

    private static String line(Rig rig, Socket client) {
        return "PROXY TCP4 127.0.0.1 127.0.0.1 " + client.getLocalPort() + " "
                + rig.address().getPort() + "\r\n";
    }

    // Towards backends

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aBackendReadsTheHeaderBeforeWhatCameEarlyAndTheHeaderCountsNowhere(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = rig(
                        transport, List.of(), rules -> rules.withProxyProtocol(ProxyProtocol.OFF.withSend(Send.V1)))) {
            rig.offer(Backends.refusing(), echo.spec());
            for (int i = 0; i < 4; i++) {
                try (Socket client = rig.connect()) {
                    say(client, "hello");
                    client.shutdownOutput();
                    assertThat(rest(client)).isEqualTo(line(rig, client) + "hello");
                }
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CLIENT_CLOSED, 4L));
            assertThat(rig.connections()).allMatch(view -> view.bytesToBackend() == 5);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aBackendThatSpeaksFirstGetsTheHeaderToo(String transport) throws Exception {
        try (Backends greeting = Backends.running(socket -> {
                    say(socket, "220 ready\r\n");
                    String line = hear(socket, 6);
                    while (!line.endsWith("\n")) {
                        line += hear(socket, 1);
                    }
                    say(socket, line);
                });
                Rig rig = rig(
                        transport, List.of(), rules -> rules.withProxyProtocol(ProxyProtocol.OFF.withSend(Send.V1)))) {
            rig.offer(greeting.spec());
            try (Socket client = rig.connect()) {
                assertThat(rest(client)).isEqualTo("220 ready\r\n" + line(rig, client));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void version2SaysTheNumberOfTheConnectionAndTheService(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = rig(
                        transport, List.of(), rules -> rules.withProxyProtocol(ProxyProtocol.OFF.withSend(Send.V2)))) {
            rig.offer(echo.spec());
            try (Socket client = rig.connect()) {
                say(client, "hello");
                client.shutdownOutput();
                String all = rest(client);
                String id = Long.toString(rig.connections().get(0).id());
                assertThat(all)
                        .startsWith("\r\n\r\n\0\r\nQUIT\n\041\021")
                        .contains("\005\0" + (char) id.length() + id + "\u00e0\0\007default\u00e1\0\003web")
                        .endsWith("hello");
                byte[] addresses = all.substring(16, 28).getBytes(StandardCharsets.ISO_8859_1);
                assertThat(HexFormat.of().formatHex(addresses))
                        .isEqualTo(String.format(
                                "7f0000017f000001%04x%04x",
                                client.getLocalPort(), rig.address().getPort()));
            }
        }
    }

    // From proxies

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void theAnnouncedClientIsTheClientAndWhatFollowsTheHeaderIsNotLost(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = accepting(transport, echo);
                Socket proxy = rig.connect()) {
            say(proxy, LINE + "hello");
            assertThat(hear(proxy, 5)).isEqualTo("hello");
            assertThat(rig.connections().get(0).client()).hasToString("192.0.2.7:4711");
            say(proxy, " again");
            proxy.shutdownOutput();
            assertThat(rest(proxy)).isEqualTo(" again");
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CLIENT_CLOSED, 1L));
            assertThat(rig.connections().get(0).bytesToBackend())
                    .as("the header counts nowhere")
                    .isEqualTo(11);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aHeaderMayComeByteByByte(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = accepting(transport, echo);
                Socket proxy = rig.connect()) {
            proxy.setTcpNoDelay(true);
            for (char next : (LINE + "x").toCharArray()) {
                say(proxy, String.valueOf(next));
            }
            assertThat(hear(proxy, 1)).isEqualTo("x");
            assertThat(rig.connections().get(0).client()).hasToString("192.0.2.7:4711");
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aProxyThatSpeaksForItselfKeepsItsAddress(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = accepting(transport, echo);
                Socket proxy = rig.connect()) {
            say(proxy, V2_LOCAL + "x");
            assertThat(hear(proxy, 1)).isEqualTo("x");
            assertThat(rig.connections().get(0).client()).hasToString("127.0.0.1:" + proxy.getLocalPort());
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whatWasAnnouncedIsPassedOn(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = rig(
                        transport,
                        List.of(Cidr.parse("127.0.0.1/32")),
                        rules -> rules.withProxyProtocol(REQUIRED.withSend(Send.V1)))) {
            rig.offer(echo.spec());
            for (String line : List.of(LINE, "PROXY TCP6 2001:db8:0:0:0:0:0:1 fd00:0:0:0:0:0:0:2 1 2\r\n")) {
                try (Socket proxy = rig.connect()) {
                    say(proxy, line + "x");
                    proxy.shutdownOutput();
                    assertThat(rest(proxy))
                            .as("the family of the Service is another matter")
                            .isEqualTo(line + "x");
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aPeerThatNobodyTrustsIsResetWhateverItSays(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig =
                        rig(transport, List.of(Cidr.parse("10.0.0.0/8")), rules -> rules.withProxyProtocol(REQUIRED))) {
            rig.offer(echo.spec());
            resetsWhoeverConnects(rig);
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.PROXY_UNTRUSTED, 1L));
            assertThat(echo.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aStreamWithoutAHeaderIsReset(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = accepting(transport, echo)) {
            for (String text : List.of("GET / HTTP/1.1\r\n\r\n", "PROXY TCP4 1.2.3.4\r\n")) {
                try (Socket proxy = rig.connect()) {
                    say(proxy, text);
                    isReset(proxy);
                }
            }
            try (Socket proxy = rig.connect()) {
                say(proxy, "PROXY TCP4 ");
                proxy.shutdownOutput();
                isReset(proxy);
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.PROXY_INVALID, 3L));
            assertThat(echo.accepted()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aHeaderThatDoesNotComeIsNotWaitedForLong(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder()
                        .transport(transport)
                        .trustedProxies(List.of(Cidr.parse("127.0.0.0/8")))
                        .connectBudget(Duration.ofMillis(200)))) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withProxyProtocol(REQUIRED)))
                    .offer(echo.spec());
            try (Socket proxy = rig.connect()) {
                say(proxy, "PROXY");
                isReset(proxy);
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.PROXY_TIMEOUT, 1L));
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aProxyThatGivesUpBeforeItsHeaderIsNoticed(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = accepting(transport, echo)) {
            Socket proxy = rig.connect();
            await().until(() -> rig.connections().size() == 1);
            proxy.setSoLinger(true, 0);
            proxy.close();
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CLIENT_RESET, 1L));
        }
    }

    /** Kube-semantics 6.2. */
    @ParameterizedTest
    @CsvSource({"192.0.2.0/24,", "192.0.3.0/24,SOURCE_DENIED", "127.0.0.0/8,SOURCE_DENIED"})
    void sourceRangesAreAboutTheAnnouncedClient(String range, EndReason denied) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = rig(null, List.of(Cidr.parse("127.0.0.0/8")), rules -> rules.withProxyProtocol(REQUIRED))) {
            rig.shaped(spec -> withRange(rig, spec, range)).offer(echo.spec());
            try (Socket proxy = rig.connect()) {
                say(proxy, LINE + "x");
                if (denied == null) {
                    assertThat(hear(proxy, 1)).isEqualTo("x");
                } else {
                    isReset(proxy);
                    assertThat(rig.endReasons()).isEqualTo(Map.of(denied, 1L));
                }
            }
        }
    }

    private static ServicePortSpec withRange(Rig rig, ServicePortSpec spec, String range) {
        FrontendSpec frontend = new FrontendSpec(
                FrontendKind.CLUSTER_IP,
                rig.addressSpec(),
                EndpointSet.CLUSTER,
                EndpointSet.CLUSTER,
                List.of(Cidr.parse(range)));
        return new ServicePortSpec(
                spec.name(),
                List.of(frontend),
                spec.policy(),
                spec.affinityTimeout(),
                spec.cluster(),
                spec.local(),
                spec.flows(),
                TrafficRules.NONE.withProxyProtocol(REQUIRED));
    }

    /** Kube-semantics 8.2. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void affinityIsThatOfTheAnnouncedClient(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("two");
                Rig rig = rig(transport, List.of(Cidr.parse("127.0.0.0/8")), rules -> rules)) {
            rig.shaped(spec -> new ServicePortSpec(
                            spec.name(),
                            spec.frontends(),
                            spec.policy(),
                            Duration.ofHours(1),
                            spec.cluster(),
                            spec.local(),
                            spec.flows(),
                            TrafficRules.NONE.withProxyProtocol(REQUIRED)))
                    .offer(one.spec(), two.spec());
            String first = announcing(rig, "192.0.2.1");
            String second = announcing(rig, "192.0.2.2");
            assertThat(second).as("round robin for another client").isNotEqualTo(first);
            for (int i = 0; i < 3; i++) {
                assertThat(announcing(rig, "192.0.2.1")).isEqualTo(first);
                assertThat(announcing(rig, "192.0.2.2")).isEqualTo(second);
            }
        }
    }

    private static String announcing(Rig rig, String client) throws IOException {
        try (Socket proxy = rig.connect()) {
            say(proxy, "PROXY TCP4 " + client + " 198.51.100.2 4711 443\r\n");
            InputStream answer = proxy.getInputStream();
            return new String(answer.readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoeverHasNotSaidItsHeaderIsCountedAndCutAtShutdown(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(LoadBalancerConfig.builder()
                        .transport(transport)
                        .trustedProxies(List.of(Cidr.parse("127.0.0.0/8")))
                        .connectBudget(Duration.ofMinutes(1))
                        .maxConnections(1))) {
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE.withProxyProtocol(REQUIRED)))
                    .offer(echo.spec());
            try (Socket silent = rig.connect()) {
                await().until(() -> rig.connections().size() == 1);
                resetsWhoeverConnects(rig);
                int cut = rig.balancer()
                        .drain(Duration.ofMillis(100))
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
                assertThat(cut).isEqualTo(1);
                isReset(silent);
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.CONNECTION_LIMIT, 1L, EndReason.SHUTDOWN, 1L));
        }
    }
}
