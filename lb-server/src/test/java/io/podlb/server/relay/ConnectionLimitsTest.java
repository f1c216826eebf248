package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.service.ConnectionLimits;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.TrafficRules;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits of connections, seen by clients over real sockets. */
@Timeout(120)
class ConnectionLimitsTest {

    private static final String LABELS = "{namespace=default,service=web,port=,protocol=TCP,family=IPv4";
    private static final String WAITING = "podlb_connections_waiting" + LABELS + "}";

    /** Two event loops, so that what one frees may be for a client of the other. */
    private static Rig limited(String transport, UnaryOperator<ConnectionLimits> limits, Backends... backends) {
        Rig rig = Rig.start(2, LoadBalancerConfig.builder().transport(transport));
        limit(rig, limits);
        rig.offer(java.util.Arrays.stream(backends)
                .map(Backends::spec)
                .toArray(io.podlb.server.service.BackendSpec[]::new));
        return rig;
    }

    private static void limit(Rig rig, UnaryOperator<ConnectionLimits> limits) {
        TrafficRules rules = TrafficRules.NONE.withLimits(limits.apply(ConnectionLimits.OFF));
        rig.shaped(spec -> spec.withTraffic(rules));
    }

    private static Socket served(Rig rig) throws IOException {
        Socket client = rig.connect();
        echoes(client);
        return client;
    }

    private static void echoes(Socket client) throws IOException {
        client.getOutputStream().write('x');
        assertThat(client.getInputStream().read()).isEqualTo('x');
    }

    private static void refused(Rig rig, EndReason reason) {
        long before = ended(rig, reason);
        assertThatThrownBy(rig::ask).isInstanceOf(IOException.class);
        assertThat(ended(rig, reason)).isEqualTo(before + 1);
    }

    private static long ended(Rig rig, EndReason reason) {
        return rig.counter("podlb_connections_ended_total" + LABELS + ",reason=" + reason.label() + "}");
    }

    private static void awaitWaiting(Rig rig, int count) {
        await().atMost(Duration.ofSeconds(20)).until(() -> rig.counter(WAITING) == count);
    }

    private static void awaitOpen(Rig rig, int count) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> rig.counter("podlb_connections_open" + LABELS + "}") == count);
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aServicePortHasSoManyConnectionsAndNoMore(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(transport, limits -> limits.withPerService(2), echo);
                Socket first = served(rig);
                Socket second = served(rig)) {
            refused(rig, EndReason.SERVICE_LIMIT);
            first.close();
            awaitOpen(rig, 1);
            served(rig).close();
            echoes(second);
            awaitOpen(rig, 1);
        }
    }

    /** Also for connections that there were before the limit. */
    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aFullBackendIsPassedOverUntilAllAre(String transport) throws Exception {
        try (Backends one = Backends.echo();
                Backends two = Backends.echo();
                Backends three = Backends.echo();
                Rig rig = limited(transport, limits -> limits, one);
                Socket before = served(rig)) {
            limit(rig, limits -> limits.withPerBackend(1));
            rig.offer(one.spec(), two.spec(), three.spec());
            try (Socket second = served(rig);
                    Socket third = served(rig)) {
                refused(rig, EndReason.BACKEND_LIMIT);
                assertThat(List.of(one.accepted(), two.accepted(), three.accepted()))
                        .containsExactly(1, 1, 1);
                echoes(second);
                echoes(third);
            }
            echoes(before);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClientHasItsOwnLimitAndOthersAreServed(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerClient(2).withPatience(Duration.ofMinutes(1)), echo);
                Socket first = served(rig);
                Socket second = served(rig)) {
            refused(rig, EndReason.CLIENT_LIMIT);
            try (Socket other = new Socket()) {
                other.bind(new InetSocketAddress("127.0.0.2", 0));
                other.connect(rig.address());
                echoes(other);
            }
            second.close();
            awaitOpen(rig, 1);
            served(rig).close();
            echoes(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClientThatComesTooFastIsRefused(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(transport, limits -> limits.withClientRatePerMinute(1), echo);
                Socket first = served(rig)) {
            refused(rig, EndReason.CLIENT_RATE);
            try (Socket other = new Socket()) {
                other.bind(new InetSocketAddress("127.0.0.2", 0));
                other.connect(rig.address());
                echoes(other);
            }
            echoes(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoWaitsIsServedInTurnWithAllThatItSent(String transport) throws Exception {
        byte[] early = new byte[50_000];
        java.util.Arrays.fill(early, (byte) 'e');
        try (Backends echo = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerService(1).withPatience(Duration.ofMinutes(1)), echo)) {
            List<Socket> clients = new ArrayList<>(List.of(served(rig)));
            for (int i = 1; i <= 5; i++) {
                Socket client = rig.connect();
                client.getOutputStream().write(early);
                clients.add(client);
                awaitWaiting(rig, i);
            }
            for (int i = 1; i <= 5; i++) {
                clients.get(i - 1).close();
                assertThat(clients.get(i).getInputStream().readNBytes(early.length))
                        .isEqualTo(early);
                awaitWaiting(rig, 5 - i);
            }
            clients.get(5).close();
            awaitOpen(rig, 0);
            assertThat(rig.counter("podlb_connections_waited_total" + LABELS + "}"))
                    .isEqualTo(5);
            assertThat(rig.counter("podlb_connections_failed_total" + LABELS + "}"))
                    .isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoWaitsForABackendGetsANewOne(String transport) throws Exception {
        try (Backends one = Backends.echo();
                Backends two = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerBackend(1).withPatience(Duration.ofMinutes(1)), one);
                Socket first = served(rig);
                Socket waits = rig.connect()) {
            awaitWaiting(rig, 1);
            rig.offer(one.spec(), two.spec());
            echoes(waits);
            assertThat(two.accepted()).isEqualTo(1);
            echoes(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void whoWaitsTooLongIsRefused(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerBackend(1).withPatience(Duration.ofMillis(200)), echo);
                Socket first = served(rig)) {
            refused(rig, EndReason.BACKEND_LIMIT);
            assertThat(rig.counter(WAITING)).isZero();
            echoes(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aClientThatGivesUpFreesItsPlaceInTheLine(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerService(1).withPatience(Duration.ofMinutes(1)), echo);
                Socket first = served(rig);
                Socket givesUp = rig.connect()) {
            givesUp.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            awaitWaiting(rig, 1);
            givesUp.setSoLinger(true, 0);
            givesUp.close();
            awaitWaiting(rig, 0);
            await().until(() -> ended(rig, EndReason.CLIENT_RESET) == 1);
            echoes(first);
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void aDrainEndsWaiting(String transport) throws Exception {
        try (Backends echo = Backends.echo();
                Rig rig = limited(
                        transport, limits -> limits.withPerService(1).withPatience(Duration.ofMinutes(1)), echo);
                Socket first = served(rig);
                Socket waits = rig.connect()) {
            awaitWaiting(rig, 1);
            var drained = rig.balancer().drain(Duration.ofSeconds(30)).toCompletableFuture();
            assertThatThrownBy(() -> waits.getInputStream().read()).isInstanceOf(IOException.class);
            echoes(first);
            first.close();
            assertThat(drained.get(20, TimeUnit.SECONDS)).isZero();
            assertThat(rig.endReasons()).containsEntry(EndReason.SHUTDOWN, 1L);
        }
    }
}
