package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.control.source.Loaded;
import io.podlb.control.source.ManifestReader;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EmbeddedTest {

    private static final InetAddress LOCALHOST = InetAddresses.parse("127.0.0.1");

    private static final Loaded WEB = ManifestReader.read("web", """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              type: NodePort
              clusterIP: 10.96.0.80
              selector: {app: web}
              ports: [{port: 80, targetPort: 8080, nodePort: 30080}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: one, labels: {app: web}}
            status: {podIP: 10.244.0.1}
            """);

    private static final SocketAddressSpec ENDPOINT = new SocketAddressSpec(InetAddresses.parse("10.244.0.1"), 8080);

    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    /** Wherever the system has a port free. */
    private List<SocketAddressSpec> anywhere(ServicePortName port, FrontendPlan frontend) {
        asked.add(frontend.kind() + " " + frontend.shown());
        return List.of(new SocketAddressSpec(LOCALHOST, 0));
    }

    private Embedded start() {
        return Embedded.start(EmbeddedOptions.of("here", 1, this::anywhere)
                .withDataPlane(config -> config.transport("nio").eventLoops(1)));
    }

    private static SocketAddressSpec bound(Embedded podlb, FrontendKind kind) {
        return podlb.server().listeners().stream()
                .filter(listener -> listener.frontend().kind() == kind)
                .map(ListenerView::bound)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void frontEndsAreWhereTheEmbedderPutsThemAndEndpointsWhereHeSaysTheyAre() throws Exception {
        try (Embedded podlb = start();
                ServerSocket pod = pod()) {
            podlb.apply(WEB, Map.of(ENDPOINT, new SocketAddressSpec(LOCALHOST, pod.getLocalPort())));
            assertThat(asked).contains("CLUSTER_IP 10.96.0.80:80", "NODE_PORT *:30080");
            for (FrontendKind kind : List.of(FrontendKind.CLUSTER_IP, FrontendKind.NODE_PORT)) {
                try (Socket client = connect(bound(podlb, kind));
                        Socket served = pod.accept()) {
                    served.getOutputStream().write(7);
                    assertThat(client.getInputStream().read()).isEqualTo(7);
                }
            }
            assertThat(podlb.view().services()).hasSize(1);
            assertThat(podlb.view().reachedAt()).containsKey(ENDPOINT);
        }
    }

    @Test
    void aChangeIsInForceWhenItReturns() throws Exception {
        try (Embedded podlb = start();
                ServerSocket first = pod();
                ServerSocket second = pod()) {
            for (ServerSocket pod : List.of(first, second, first)) {
                podlb.apply(WEB, Map.of(ENDPOINT, new SocketAddressSpec(LOCALHOST, pod.getLocalPort())));
                List<Socket> sockets = new ArrayList<>();
                sockets.add(connect(bound(podlb, FrontendKind.CLUSTER_IP)));
                sockets.add(pod.accept());
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
            podlb.apply(ManifestReader.read("nothing", ""), Map.of());
            assertThat(podlb.server().listeners()).isEmpty();
        }
    }

    @Test
    void aPolicyThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> Embedded.start(
                        EmbeddedOptions.of("here", 1, this::anywhere).withPolicy("fairest")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fairest");
    }

    private static ServerSocket pod() throws IOException {
        ServerSocket pod = new ServerSocket(0, 10, LOCALHOST);
        pod.setSoTimeout(10_000);
        return pod;
    }

    private static Socket connect(SocketAddressSpec address) throws IOException {
        Socket client = new Socket();
        client.setSoTimeout(10_000);
        client.connect(address.toSocketAddress(), 10_000);
        return client;
    }
}
