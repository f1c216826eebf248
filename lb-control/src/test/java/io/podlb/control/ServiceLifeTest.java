package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.control.address.ClusterIpMode;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.SocketAddressSpec;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A Service as its clients see it while its objects change: from manifests to connections, on node n0. */
@Timeout(60)
class ServiceLifeTest {

    private static final int ASKED = 30;

    private final Settings settings = settings();
    private final LoadBalancer server = LoadBalancer.start(LoadBalancerConfig.builder()
            .transport("nio")
            .eventLoops(1)
            .policies(settings.policies())
            .build());
    private final ControlLoop loop = new ControlLoop(new Planner(settings), server, null, null);
    private NamingServer a;
    private NamingServer b;
    private NamingServer c;

    private static Settings settings() {
        Settings base = PlannerTest.settings(ClusterIpMode.PORT);
        return new Settings(
                base.nodeName(),
                base.admission(),
                base.mode(),
                base.nodePortAddresses(),
                base.policies(),
                base.random(),
                base.translation(),
                false);
    }

    @BeforeEach
    void start() throws IOException {
        a = new NamingServer("a");
        b = new NamingServer("b");
        c = new NamingServer("c");
    }

    @AfterEach
    void stop() {
        loop.close();
        server.close();
        List.of(a, b, c).forEach(NamingServer::close);
    }

    /** Kube-semantics 14.8, 14.9: each Pod says under which number it has a port of that name. */
    @Test
    void portsWithNamedTargetsLeadToWhatEachPodCallsSo() throws Exception {
        String service =
                service("web", "", "{name: http, port: 80, targetPort: web}, {name: admin, port: 81, targetPort: adm}");
        serve(
                service,
                pod(
                        "one",
                        "",
                        "{name: web, containerPort: %d}, {name: adm, containerPort: %d}".formatted(a.port(), c.port())),
                pod("two", "", "{name: web, containerPort: %d}".formatted(b.port())));
        assertThat(answers(clusterIp("web", "http"))).containsExactly("a", "b");
        assertThat(answers(clusterIp("web", "admin"))).containsExactly("c");
    }

    /** Kube-semantics 2.17, 5.12. */
    @Test
    void portsComeAndGoOnALiveService() throws Exception {
        String one = "{name: http, port: 80, targetPort: %d}".formatted(a.port());
        String two = ", {name: admin, port: 81, targetPort: %d}".formatted(b.port());
        serve(service("web", "", one), pod("one", "", ""));
        SocketAddressSpec http = clusterIp("web", "http");
        try (Socket open = connect(http)) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(lines.readLine()).isEqualTo("a");
            serve(service("web", "", one + two), pod("one", "", ""));
            SocketAddressSpec admin = clusterIp("web", "admin");
            assertThat(answers(admin)).containsExactly("b");
            serve(service("web", "", one), pod("one", "", ""));
            refused(admin);
            assertThat(answers(http)).containsExactly("a");
            open.getOutputStream().write("still here\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(lines.readLine()).isEqualTo("still here");
        }
    }

    /** Kube-semantics 9.1. */
    @Test
    void aServiceDeletedAndMadeAnewServesAgainAndItsConnectionsNeverEnded() throws Exception {
        String port = "{port: 80, targetPort: %d}".formatted(a.port());
        serve(service("web", "", port), service("other", "", port), pod("one", "", ""));
        SocketAddressSpec web = clusterIp("web", "");
        SocketAddressSpec other = clusterIp("other", "");
        try (Socket open = connect(web)) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(open.getInputStream(), StandardCharsets.US_ASCII));
            assertThat(lines.readLine()).isEqualTo("a");
            serve(service("other", "", port), pod("one", "", ""));
            refused(web);
            assertThat(answers(other)).containsExactly("a");
            serve(service("web", "", port), service("other", "", port), pod("one", "", ""));
            assertThat(answers(clusterIp("web", ""))).containsExactly("a");
            assertThat(clusterIp("other", "")).isEqualTo(other);
            open.getOutputStream().write("still here\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(lines.readLine()).isEqualTo("still here");
        }
    }

    /** Kube-semantics 8.2, 8.6: through node port and cluster IP, on, off and on again. */
    @Test
    void affinityIsSwitchedOnAndOff() throws Exception {
        int nodePort = freeNodePort();
        String ports = "{port: 80, targetPort: web, nodePort: %d}".formatted(nodePort);
        String[] pods = {
            pod("one", "", "{name: web, containerPort: %d}".formatted(a.port())),
            pod("two", "", "{name: web, containerPort: %d}".formatted(b.port())),
            pod("three", "", "{name: web, containerPort: %d}".formatted(c.port()))
        };
        for (int round = 0; round < 2; round++) {
            serve(service("web", "type: NodePort, sessionAffinity: ClientIP,", ports), String.join("", pods));
            Set<String> sticky = answers(clusterIp("web", ""));
            assertThat(sticky).hasSize(1);
            assertThat(answers(nodePort("web"))).isEqualTo(sticky);
            serve(service("web", "type: NodePort,", ports), String.join("", pods));
            assertThat(answers(nodePort("web"))).containsExactly("a", "b", "c");
            assertThat(answers(clusterIp("web", ""))).containsExactly("a", "b", "c");
        }
    }

    /** Kube-semantics 4.1, 4.5, 14.4: an address that is published serves whatever its Pod says. */
    @ParameterizedTest
    @CsvSource({
        "unready, false",
        "unready and terminating, true",
    })
    void publishedPodsServeThoughTheyAreNotReady(String what, boolean terminating) throws Exception {
        String port = "{port: 80, targetPort: %d}".formatted(a.port());
        String pod = pod("one", terminating ? "deletionTimestamp: \"2026-01-01T00:00:00Z\"," : "", "")
                .replace("podIP:", "conditions: [{type: Ready, status: \"False\"}], podIP:");
        serve(service("web", "publishNotReadyAddresses: true,", port), pod);
        SocketAddressSpec web = clusterIp("web", "");
        assertThat(answers(web)).as(what).containsExactly("a");
        serve(service("web", "", port), pod);
        refused(web);
    }

    /** Kube-semantics 5.2, 14.3. */
    @Test
    void withoutAPodThatHasNotFailedClientsAreRefusedThoughItIsPublished() throws Exception {
        String port = "{port: 80, targetPort: %d}".formatted(a.port());
        String published = service("web", "publishNotReadyAddresses: true,", port);
        serve(published, pod("one", "", ""));
        SocketAddressSpec web = clusterIp("web", "");
        assertThat(answers(web)).containsExactly("a");
        serve(published, pod("one", "", "").replace("podIP:", "phase: Failed, reason: Evicted, podIP:"));
        refused(web);
    }

    /** Kube-semantics 4.2 to 4.4: where none is ready any more, those that still serve are used, under either policy. */
    @ParameterizedTest
    @ValueSource(strings = {"Cluster", "Local"})
    void terminatingPodsServeUntilTheyAreReplaced(String policy) throws Exception {
        int nodePort = freeNodePort();
        String service = service(
                "web",
                "type: NodePort, internalTrafficPolicy: %s, externalTrafficPolicy: %s,".formatted(policy, policy),
                "{port: 80, targetPort: web, nodePort: %d}".formatted(nodePort));
        String old = pod(
                "old",
                "deletionTimestamp: \"2026-01-01T00:00:00Z\",",
                "{name: web, containerPort: %d}".formatted(a.port()));
        serve(service, old);
        assertThat(answers(clusterIp("web", ""))).containsExactly("a");
        assertThat(answers(nodePort("web"))).containsExactly("a");
        serve(service, old, pod("new", "", "{name: web, containerPort: %d}".formatted(b.port())));
        assertThat(answers(clusterIp("web", ""))).containsExactly("b");
        assertThat(answers(nodePort("web"))).containsExactly("b");
    }

    /** Kube-semantics 5.3: the cluster IP keeps to this node, the node port does not. */
    @Test
    void underInternalLocalTheClusterIpIsClosedWhereNoPodIs() throws Exception {
        int nodePort = freeNodePort();
        String service = service(
                "web",
                "type: NodePort, internalTrafficPolicy: Local,",
                "{port: 80, targetPort: %d, nodePort: %d}".formatted(a.port(), nodePort));
        serve(service, pod("one", "", ""));
        SocketAddressSpec web = clusterIp("web", "");
        assertThat(answers(web)).containsExactly("a");
        serve(service, pod("one", "", "").replace("nodeName: n0", "nodeName: n1"));
        refused(web);
        assertThat(answers(nodePort("web"))).containsExactly("a");
    }

    /** Kube-semantics 1.1, 1.3, 1.4. */
    @ParameterizedTest
    @ValueSource(strings = {"service-proxy-name", "headless"})
    void aLabelTakesTheServiceAwayAndGivesItBack(String label) throws Exception {
        String service = service("web", "", "{port: 80, targetPort: %d}".formatted(a.port()));
        serve(service, pod("one", "", ""));
        SocketAddressSpec web = clusterIp("web", "");
        serve(
                service.replace("name: web}", "name: web, labels: {service.kubernetes.io/" + label + ": \"\"}}"),
                pod("one", "", ""));
        refused(web);
        serve(service, pod("one", "", ""));
        assertThat(answers(clusterIp("web", ""))).containsExactly("a");
    }

    /** Kube-semantics 17.3, 17.6: one number, another protocol. */
    @Test
    void aNodePortChangesItsProtocolAndHasBoth() throws Exception {
        int nodePort = freeNodePort();
        String tcp = "{name: t, port: 80, targetPort: %d, nodePort: %d}".formatted(a.port(), nodePort);
        String udp = "{name: u, port: 80, targetPort: %d, nodePort: %d, protocol: UDP}".formatted(a.port(), nodePort);
        serve(service("web", "type: NodePort,", tcp), pod("one", "", ""));
        SocketAddressSpec address = nodePort("web");
        assertThat(answers(address)).containsExactly("a");
        serve(service("web", "type: NodePort,", udp), pod("one", "", ""));
        refused(address);
        assertThat(open("web", "u", FrontendKind.NODE_PORT, Protocol.UDP).port())
                .isEqualTo(nodePort);
        serve(service("web", "type: NodePort,", tcp + ", " + udp), pod("one", "", ""));
        assertThat(answers(address)).containsExactly("a");
        assertThat(open("web", "u", FrontendKind.NODE_PORT, Protocol.UDP).port())
                .isEqualTo(nodePort);
    }

    /** Kube-semantics 1.8, 1.10, 3.2, 3.8: slices and Endpoints that somebody else has made. */
    @ParameterizedTest
    @ValueSource(strings = {"slices", "Endpoints"})
    void severalPortsAndAddressesThatWereMadeByHandAreServed(String kind) throws Exception {
        String service = service("web", "", "{name: http, port: 80}, {name: admin, port: 81}")
                .replace("selector: {app: web}", "selector: {}");
        String made = kind.equals("slices")
                ? slice("one", "http", a) + slice("two", "admin", b) + slice("three", "http", c)
                : """
                        apiVersion: v1
                        kind: Endpoints
                        metadata: {name: web}
                        subsets:
                          - addresses: [{ip: 127.0.0.1}]
                            ports: [{name: http, port: %d}]
                          - addresses: [{ip: 127.0.0.1}]
                            ports: [{name: admin, port: %d}, {name: http, port: %d}]
                        ---
                        """.formatted(a.port(), b.port(), c.port());
        serve(service, made);
        assertThat(answers(clusterIp("web", "http"))).containsExactly("a", "c");
        assertThat(answers(clusterIp("web", "admin"))).containsExactly("b");
    }

    private void serve(String... manifests) throws Exception {
        loop.submit(PlannerTest.read(manifests)).get(30, TimeUnit.SECONDS);
    }

    private static String service(String name, String spec, String ports) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %s}
                spec: {%s selector: {app: web}, ports: [%s]}
                ---
                """.formatted(name, spec, ports);
    }

    private static String pod(String name, String metadata, String containerPorts) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, %s labels: {app: web}}
                spec: {nodeName: n0, containers: [{name: main, image: web, ports: [%s]}]}
                status: {podIP: 127.0.0.1}
                ---
                """.formatted(name, metadata, containerPorts);
    }

    private static String slice(String name, String port, NamingServer backend) {
        return """
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: %s, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                ports: [{name: %s, port: %d}]
                endpoints: [{addresses: [127.0.0.1]}]
                ---
                """.formatted(name, port, backend.port());
    }

    private SocketAddressSpec clusterIp(String service, String port) {
        return open(service, port, FrontendKind.CLUSTER_IP, Protocol.TCP);
    }

    private SocketAddressSpec nodePort(String service) {
        SocketAddressSpec bound = server.listeners().stream()
                .filter(listener -> listener.port().service().equals(service)
                        && listener.frontend().kind() == FrontendKind.NODE_PORT
                        && listener.port().protocol() == Protocol.TCP)
                .findFirst()
                .orElseThrow()
                .bound();
        assertThat(bound).isNotNull();
        return new SocketAddressSpec(InetAddress.getLoopbackAddress(), bound.port());
    }

    private SocketAddressSpec open(String service, String port, FrontendKind kind, Protocol protocol) {
        ListenerView listener = server.listeners().stream()
                .filter(view -> view.port().service().equals(service)
                        && view.port().port().equals(port)
                        && view.port().protocol() == protocol
                        && view.frontend().kind() == kind)
                .findFirst()
                .orElseThrow();
        assertThat(listener.failure()).isNull();
        assertThat(listener.bound()).isNotNull();
        return listener.bound();
    }

    /** Who answers {@value #ASKED} connections. */
    private static Set<String> answers(SocketAddressSpec address) throws IOException {
        Set<String> names = new TreeSet<>();
        for (int i = 0; i < ASKED; i++) {
            try (Socket socket = connect(address)) {
                socket.shutdownOutput();
                names.add(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
            }
        }
        return names;
    }

    private static void refused(SocketAddressSpec address) {
        assertThatThrownBy(() -> connect(address).close()).isInstanceOf(ConnectException.class);
    }

    private static Socket connect(SocketAddressSpec address) throws IOException {
        Socket socket = new Socket(address.address(), address.port());
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** A node port that nobody on this machine has; other runs of this test begin to look elsewhere. */
    private int freeNodePort() throws IOException {
        int port = settings.admission().nodePortRange().last()
                - (int) (ProcessHandle.current().pid() % 1000);
        while (true) {
            try (ServerSocket tcp = new ServerSocket(port);
                    DatagramSocket udp = new DatagramSocket(tcp.getLocalPort())) {
                return udp.getLocalPort();
            } catch (BindException taken) {
                port--; // the next one, then
            }
        }
    }

    /** Says its name to each connection in a line and then sends back what it gets. */
    private static final class NamingServer implements AutoCloseable {
        private final ServerSocket server = new ServerSocket(0, 100, InetAddress.getByName("127.0.0.1"));
        private final String name;

        NamingServer(String name) throws IOException {
            this.name = name;
            daemon(this::acceptAll);
        }

        int port() {
            return server.getLocalPort();
        }

        private void acceptAll() {
            try {
                while (true) {
                    Socket socket = server.accept();
                    daemon(() -> serve(socket));
                }
            } catch (IOException closed) {
                // The end of this server.
            }
        }

        private void serve(Socket socket) {
            try (socket) {
                socket.getOutputStream().write((name + "\n").getBytes(StandardCharsets.US_ASCII));
                socket.getInputStream().transferTo(socket.getOutputStream());
            } catch (IOException e) {
                // The peer reset it; the test looks at the peer.
            }
        }

        private static void daemon(Runnable task) {
            Thread thread = new Thread(task, "backend");
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void close() {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
