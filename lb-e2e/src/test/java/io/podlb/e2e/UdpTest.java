package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.PortUnreachableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lb run} with a UDP Service: served, balanced, and its flows follow an edit. */
@Timeout(120)
class UdpTest {

    @TempDir
    Path folder;

    /** Kube-semantics 9.3, 9.5, 9.6, 9.8, 9.9, 22: the same sockets ask all along. */
    @Test
    void aUdpServiceIsServedAndItsFlowsLeaveABackendThatIsGone() throws Exception {
        try (Backend one = new Backend("one");
                Backend two = new Backend("two")) {
            int nodePort = FreePorts.next();
            Manifests manifests = new Manifests(folder).write("dns.yaml", service(nodePort), slices(one, two));
            try (LbProcess lb = LbProcess.start(
                            "run",
                            "-f",
                            folder.toString(),
                            "--allow-loopback-endpoints",
                            "--node-port-range",
                            "20000-32767")
                    .awaitReady()) {
                String clusterIp = lb.bound("dns", "ClusterIP");
                Set<String> names = new HashSet<>();
                for (int i = 0; i < 4; i++) {
                    try (Client client = new Client(clusterIp)) {
                        names.add(client.ask());
                    }
                    try (Client client = new Client("127.0.0.1:" + nodePort)) {
                        names.add(client.ask());
                    }
                }
                assertThat(names).containsExactlyInAnyOrder("one", "two");
                try (Client client = new Client(clusterIp);
                        Client outside = new Client("127.0.0.1:" + nodePort)) {
                    outside.ask();
                    Backend other = client.ask().equals("one") ? two : one;
                    manifests.write("dns.yaml", service(nodePort), slices(other));
                    await().atMost(Duration.ofSeconds(10))
                            .untilAsserted(() -> assertThat(client.ask()).isEqualTo(other.name));
                    await().atMost(Duration.ofSeconds(10))
                            .untilAsserted(() -> assertThat(outside.ask()).isEqualTo(other.name));
                    manifests.write("dns.yaml", service(nodePort), slices());
                    await().atMost(Duration.ofSeconds(10))
                            .untilAsserted(
                                    () -> assertThatThrownBy(client::ask).isInstanceOf(PortUnreachableException.class));
                    manifests.write("dns.yaml", service(nodePort), slices(one));
                    await().atMost(Duration.ofSeconds(10))
                            .ignoreExceptions()
                            .untilAsserted(() -> assertThat(client.ask()).isEqualTo("one"));
                }
                await().atMost(Duration.ofSeconds(10)) // a stale flow waits a moment for answers under way
                        .untilAsserted(() -> assertThat(lb.get("/metrics").out())
                                .contains("podlb_udp_flows_open{")
                                .contains("podlb_udp_datagrams_total{")
                                .contains("reason=\"stale\""));
            }
        }
    }

    @Test
    void simulatedPodsAnswerDatagramsAndRequestsAreBalancedOneByOne() throws Exception {
        String service = service(FreePorts.next())
                .replace("spec:\n", "spec:\n  selector: {app: dns}\n")
                .replace("annotations: {", "annotations: {podlb.io/udp-flows: per-datagram, ");
        Manifests manifests = new Manifests(folder).write("dns.yaml", service + """
                ---
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: dns}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: dns}}
                  template:
                    metadata: {labels: {app: dns}}
                    spec: {containers: [{name: dns}]}
                """);
        try (LbProcess lb = LbProcess.start(
                        "run", "-f", manifests.path(), "--simulate-pods", "--node-port-range", "20000-32767")
                .awaitReady()) {
            Set<String> names = new HashSet<>();
            try (Client client = new Client(lb.bound("dns", "ClusterIP"))) {
                String name = client.ask();
                assertThat(name).startsWith("dns-").endsWith("\n?");
                assertThat(client.ask()).as("no DNS: a flow per client").isEqualTo(name);
            }
            for (int i = 0; i < 4; i++) {
                try (Client client = new Client(lb.bound("dns", "ClusterIP"))) {
                    names.add(client.ask());
                }
            }
            assertThat(names).hasSize(2);
            assertThat(lb.get("/api/v1/services").out()).contains("\"udpFlows\" : \"per-datagram\"");
            assertThat(lb.get("/api/v1/connections").out()).contains("\"protocol\" : \"UDP\"");
        }
    }

    private static String service(int nodePort) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  name: dns
                  annotations: {podlb.io/policy: round-robin, podlb.io/udp-idle-timeout: 1h}
                spec:
                  type: NodePort
                  ports: [{port: 53, protocol: UDP, nodePort: %d}]
                """.formatted(nodePort);
    }

    /** A slice for each backend, since each has a port of its own. */
    private static String slices(Backend... backends) {
        StringBuilder text = new StringBuilder();
        for (Backend backend : backends) {
            text.append("""
                    ---
                    apiVersion: discovery.k8s.io/v1
                    kind: EndpointSlice
                    metadata: {name: dns-%s, labels: {kubernetes.io/service-name: dns}}
                    addressType: IPv4
                    ports: [{port: %d, protocol: UDP}]
                    endpoints: [{addresses: [127.0.0.1]}]
                    """.formatted(backend.name, backend.socket.getLocalPort()));
        }
        return text.toString();
    }

    /** Answers every datagram with its name. */
    private static final class Backend implements AutoCloseable {
        private final String name;
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());

        Backend(String name) throws IOException {
            this.name = name;
            Thread thread = new Thread(this::answerAll, name);
            thread.setDaemon(true);
            thread.start();
        }

        private void answerAll() {
            byte[] reply = name.getBytes(StandardCharsets.UTF_8);
            try {
                while (true) {
                    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
                    socket.receive(packet);
                    socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
            } catch (IOException closed) {
                // The end of this backend.
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** One port for all its datagrams. */
    private static final class Client implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());

        Client(String address) throws IOException {
            String[] parts = address.split(":");
            socket.connect(InetAddress.getByName(parts[0]), Integer.parseInt(parts[1]));
            socket.setSoTimeout(2_000);
        }

        String ask() throws IOException {
            socket.send(new DatagramPacket(new byte[] {'?'}, 1));
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            socket.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
