package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams of every size cross the network whole, in fragments where they must (kube-semantics 9.11). */
@NeedsNamespaces
@Timeout(180)
class DatagramSizesTest {

    /** Empty, one byte, a full frame of either MTU, one more than that, and the largest that IPv4 carries. */
    private static final int[] SIZES = {0, 1, 1472, 1473, 8972, 8973, 0, 65_507};

    private static final String CLUSTER_IP = "10.96.0.77";
    private static final int NODE_PORT = 30077;

    @TempDir
    static Path shared;

    private static Lab lab;
    private static Process echo;

    @BeforeAll
    static void buildTheLab() throws IOException {
        lab = new Lab(shared);
        lab.addIdlePod("echo", "10.244.0.11");
        lab.addIdlePod("caller", "10.244.0.20");
        echo = new ProcessBuilder(java("echo", UdpEchoMain.class, "7000"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(echo.inputReader().readLine()).isEqualTo("ready");
        new Manifests(Files.createDirectory(shared.resolve("manifests")))
                .write("echo.yaml", """
                        apiVersion: v1
                        kind: Service
                        metadata: {name: echo}
                        spec:
                          type: NodePort
                          clusterIP: %s
                          ports: [{port: 7, targetPort: 7000, protocol: UDP, nodePort: %d}]
                        ---
                        apiVersion: discovery.k8s.io/v1
                        kind: EndpointSlice
                        metadata: {name: echo-1, labels: {kubernetes.io/service-name: echo}}
                        addressType: IPv4
                        ports: [{port: 7000, protocol: UDP}]
                        endpoints: [{addresses: [10.244.0.11]}]
                        """.formatted(CLUSTER_IP, NODE_PORT));
    }

    @AfterAll
    static void removeTheLab() {
        echo.destroyForcibly();
        lab.close();
    }

    @ParameterizedTest
    @CsvSource({"1500, epoll", "9000, epoll", "1500, nio"})
    void everySizeComesBackAsItWasSentFromTheAddressThatWasCalled(int mtu, String transport) {
        mtu(mtu);
        try (LbProcess lb = LbProcess.start(
                        lab.prefix("node"),
                        LbProcess.java(),
                        "127.0.0.1:10249",
                        "run",
                        "-f",
                        shared.resolve("manifests").toString(),
                        "--node-name",
                        "n0",
                        "--cluster-ip-mode",
                        "bind",
                        "--transport",
                        transport)
                .awaitReady()) {
            assertThat(call("client", Lab.NODE_ADDRESS, NODE_PORT))
                    .as("node port, from outside")
                    .isEqualTo(allTheSame());
            assertThat(call("caller", CLUSTER_IP, 7))
                    .as("cluster IP, from a Pod")
                    .isEqualTo(allTheSame());
            assertThat(lb.get("/metrics").out()).doesNotContain("podlb_udp_datagrams_dropped_total{");
        }
    }

    private static void mtu(int mtu) {
        for (String[] link : new String[][] {
            {"node", "uplink"}, {"client", "eth0"},
            {"node", "vecho"}, {"echo", "eth0"},
            {"node", "vcaller"}, {"caller", "eth0"}
        }) {
            lab.in(link[0], "ip", "link", "set", link[1], "mtu", Integer.toString(mtu));
        }
    }

    private static List<String> call(String from, String address, int port) {
        List<String> arguments = new ArrayList<>(List.of(address, Integer.toString(port)));
        IntStream.of(SIZES).mapToObj(Integer::toString).forEach(arguments::add);
        Shell calls = Shell.run(java(from, UdpCallMain.class, arguments.toArray(new String[0])));
        assertThat(calls.err()).isEmpty();
        return calls.out().lines().toList();
    }

    private static List<String> allTheSame() {
        return IntStream.of(SIZES).mapToObj(size -> size + " same").toList();
    }

    private static List<String> java(String in, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(lab.prefix(in));
        command.addAll(List.of(
                LbProcess.java(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        return command;
    }
}
