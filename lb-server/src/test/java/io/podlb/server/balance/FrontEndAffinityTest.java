package io.podlb.server.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Session affinity seen from clients, while the front ends of their service port differ, come and go. */
@Timeout(60)
class FrontEndAffinityTest {

    private static final int CLIENTS = 20;

    private final SocketAddressSpec clusterIp = Rig.freeAddress();
    private final SocketAddressSpec nodePort = Rig.freeAddress();
    private final SocketAddressSpec externalIp = Rig.freeAddress();
    private final SocketAddressSpec vip = Rig.freeAddress();
    private final List<Backends> backends = new ArrayList<>();
    private Rig rig;

    @BeforeEach
    void start() {
        for (int i = 0; i < 5; i++) {
            int name = 'a' + i;
            backends.add(Backends.running(socket -> {
                socket.getOutputStream().write(name);
                socket.getInputStream().transferTo(socket.getOutputStream());
            }));
        }
        rig = Rig.start(LoadBalancerConfig.builder());
    }

    @AfterEach
    void stop() {
        rig.close();
        backends.forEach(Backends::close);
    }

    @Test
    void allFrontEndsShareTheRecordOfAClient() throws Exception {
        // 8.2; 8.9: whoever comes from one address is one client, through whatever front end
        rig.apply(sticky(Rig.NAME, allFrontEnds()));
        for (int client = 1; client <= CLIENTS; client++) {
            int first = ask(client, clusterIp);
            for (SocketAddressSpec frontEnd : List.of(nodePort, externalIp, vip, clusterIp)) {
                assertThat(ask(client, frontEnd)).isEqualTo(first);
            }
        }
    }

    @Test
    void frontEndsComeAndGoWithoutMovingAClientOrCuttingAConnection() throws Exception {
        // 20.4: another type is another set of front ends of the same key; 2.17
        FrontendSpec alone = FrontendSpec.of(FrontendKind.CLUSTER_IP, clusterIp);
        rig.apply(sticky(Rig.NAME, List.of(alone)));
        int[] chosen = new int[CLIENTS + 1];
        for (int client = 1; client <= CLIENTS; client++) {
            chosen[client] = ask(client, clusterIp);
        }
        try (Socket open = connect(1, clusterIp)) {
            assertThat(open.getInputStream().read()).isEqualTo(chosen[1]);
            for (List<FrontendSpec> frontEnds : List.of(allFrontEnds(), List.of(alone), allFrontEnds())) {
                rig.apply(sticky(Rig.NAME, frontEnds));
                for (int client = 1; client <= CLIENTS; client++) {
                    assertThat(ask(client, clusterIp)).isEqualTo(chosen[client]);
                }
                open.getOutputStream().write('!');
                assertThat(open.getInputStream().read()).isEqualTo('!');
            }
        }
        for (int client = 1; client <= CLIENTS; client++) {
            assertThat(ask(client, nodePort))
                    .as("the front end is new, the client is not")
                    .isEqualTo(chosen[client]);
        }
    }

    @Test
    void aRenamedPortTakesTheAddressAndKnowsNoClient() throws Exception {
        // 2.17: a rename is one port less and another more
        List<FrontendSpec> frontEnds = List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, clusterIp));
        rig.apply(sticky(Rig.NAME, frontEnds));
        for (int client = 1; client <= CLIENTS; client++) {
            ask(client, clusterIp);
        }
        ServicePortName renamed = new ServicePortName(
                Rig.NAME.namespace(), Rig.NAME.service(), "renamed", Rig.NAME.protocol(), Rig.NAME.family());
        rig.apply(sticky(renamed, frontEnds));
        for (int client = 1; client <= CLIENTS; client++) {
            ask(client, clusterIp);
        }
        assertThat(rig.connections().stream().filter(view -> view.port().equals(renamed)))
                .hasSize(CLIENTS)
                .extracting(ConnectionView::pickReason)
                .noneMatch(reason -> reason == null || reason instanceof PickReason.Affinity);
    }

    private List<FrontendSpec> allFrontEnds() {
        return List.of(
                FrontendSpec.of(FrontendKind.CLUSTER_IP, clusterIp),
                FrontendSpec.of(FrontendKind.EXTERNAL_IP, externalIp),
                FrontendSpec.of(FrontendKind.LOAD_BALANCER, vip),
                FrontendSpec.of(FrontendKind.NODE_PORT, nodePort));
    }

    private ServicePortSpec sticky(ServicePortName name, List<FrontendSpec> frontEnds) {
        List<BackendSpec> endpoints = backends.stream().map(Backends::spec).toList();
        return new ServicePortSpec(name, frontEnds, "round-robin", Duration.ofHours(3), endpoints, List.of());
    }

    /** The name of the backend that the client gets. */
    private static int ask(int client, SocketAddressSpec frontEnd) throws IOException {
        try (Socket socket = connect(client, frontEnd)) {
            int name = socket.getInputStream().read();
            socket.shutdownOutput();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
            return name;
        }
    }

    /** Each client has an address of its own. */
    private static Socket connect(int client, SocketAddressSpec frontEnd) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress("127.0.1." + client, 0));
        socket.connect(frontEnd.toSocketAddress(), 5_000);
        socket.setSoTimeout(30_000);
        return socket;
    }
}
