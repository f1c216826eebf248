package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.server.Backends;
import io.podlb.server.LogLines;
import io.podlb.server.Rig;
import io.podlb.server.Transports;
import io.podlb.server.service.ClientAddress;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which address a backend sees. Clients have addresses of loopback, each of them one of its own. */
@Timeout(60)
class ClientSourceTest {

    private static final TrafficRules TRANSPARENT = TrafficRules.NONE.withClientAddress(ClientAddress.TRANSPARENT);

    @ParameterizedTest
    @CsvSource(textBlock = """
            192.0.2.7,   10.244.0.11, true
            2001:db8::7, fd00::11,    true
            127.0.0.7,   127.0.0.1,   true
            192.0.2.7,   127.0.0.1,   false
            192.0.2.7,   fd00::11,    false
            2001:db8::7, 10.244.0.11, false
            127.0.0.7,   10.244.0.11, false
            ::1,         fd00::11,    false
            10.244.0.11, 10.244.0.11, false
            fe80::7,     fd00::11,    false
            169.254.0.7, 10.244.0.11, false
            0.0.0.0,     10.244.0.11, false
            """)
    void theClientsAddressIsUsedWhereItMakesSense(String client, String backend, boolean used) {
        InetAddress address = InetAddresses.parse(client);
        InetAddress to = InetAddresses.parse(backend);
        assertThat(ClientSource.of(ClientAddress.TRANSPARENT, address, to)).isEqualTo(used ? address : null);
        assertThat(ClientSource.of(ClientAddress.OFF, address, to)).isNull();
    }

    private static Backends tellingTheirClients() {
        return Backends.running(socket -> socket.getOutputStream()
                .write(socket.getInetAddress().getHostAddress().getBytes(StandardCharsets.US_ASCII)));
    }

    private static String ask(Rig rig, String client) throws IOException {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(client, 0));
            socket.connect(rig.address(), 5_000);
            socket.setSoTimeout(30_000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    static List<String> transportsThatCan() {
        return Transports.all().filter(name -> !name.equals("nio")).toList();
    }

    @ParameterizedTest
    @MethodSource("transportsThatCan")
    void aBackendSeesItsClientFromTheChangeOn(String transport) throws Exception {
        try (Backends backend = tellingTheirClients();
                Rig rig = Rig.start(transport, backend)) {
            assertThat(ask(rig, "127.0.0.7")).isEqualTo("127.0.0.1");
            rig.shaped(spec -> spec.withTraffic(TRANSPARENT)).offer(backend.spec());
            assertThat(ask(rig, "127.0.0.7")).isEqualTo("127.0.0.7");
            assertThat(ask(rig, "127.0.0.8")).isEqualTo("127.0.0.8");
            assertThat(ask(rig, "127.0.0.1")).as("that of the backend itself").isEqualTo("127.0.0.1");
            rig.shaped(spec -> spec.withTraffic(TrafficRules.NONE)).offer(backend.spec());
            assertThat(ask(rig, "127.0.0.7")).isEqualTo("127.0.0.1");
        }
    }

    @Test
    void whereItCannotBeUsedConnectionsFailAndNoBackendIsBlamed() throws Exception {
        TrafficRules rules = TRANSPARENT.withEjection(new Ejection(1));
        try (LogLines log = LogLines.of(ClientSource.class);
                Backends one = tellingTheirClients();
                Backends two = tellingTheirClients();
                Rig rig = Rig.start("nio")) {
            rig.shaped(spec -> spec.withTraffic(rules)).offer(one.spec(), two.spec());
            for (int i = 0; i < 5; i++) {
                assertThatThrownBy(() -> ask(rig, "127.0.0.7")).isInstanceOf(IOException.class);
            }
            assertThat(rig.endReasons()).isEqualTo(Map.of(EndReason.LOCAL_RESOURCES, 5L));
            assertThat(rig.connections()).allMatch(view -> view.attempts() == 1);
            assertThat(one.accepted() + two.accepted()).isZero();
            rig.shaped(spec -> spec.withTraffic(rules.withClientAddress(ClientAddress.OFF)))
                    .offer(one.spec(), two.spec());
            assertThat(ask(rig, "127.0.0.7")).isEqualTo("127.0.0.1");
            assertThat(ask(rig, "127.0.0.7")).isEqualTo("127.0.0.1");
            assertThat(one.accepted()).as("nobody was left out").isEqualTo(two.accepted());
            assertThat(log.lines())
                    .containsExactly(Rig.NAME + ": 1 connections failed since the last such line, since backends are"
                            + " to see the client's address and the JDK's sockets cannot use addresses of others;"
                            + " choose another transport than nio (--transport io_uring or epoll); or turn"
                            + " podlb.io/preserve-client-address off");
        }
    }
}
