package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code lb run} is killed while clients are connected, and started again. */
@Timeout(120)
class RestartTest {

    private static final int SERVICES = 20;
    private static final int CONNECTED = 200;

    private final Ticker ticker = Ticker.systemTicker();

    @TempDir
    Path folder;

    /** A process, and how long it took until every Service of it had answered. */
    private record Started(LbProcess lb, Map<String, String> addresses, Duration time) {}

    private Started start(String transport) throws IOException {
        long start = ticker.nanoTime();
        LbProcess lb = LbProcess.start(
                "run",
                "-f",
                folder.toString(),
                "--simulate-pods",
                "--node-port-addresses",
                "127.0.0.0/8",
                "--transport",
                transport);
        try {
            lb.awaitReady();
            Map<String, String> addresses = new LinkedHashMap<>();
            for (int i = 0; i < SERVICES; i++) {
                addresses.put("web" + i + "/ClusterIP", lb.bound("web" + i + "-clusterip", "ClusterIP"));
                addresses.put("web" + i + "/NodePort", lb.bound("web" + i + "-nodeport", "NodePort"));
            }
            for (String address : addresses.values()) {
                assertThat(Http.get(address)).startsWith("web");
            }
            return new Started(lb, addresses, Duration.ofNanos(ticker.nanoTime() - start));
        } catch (IOException | RuntimeException | AssertionError e) {
            lb.close();
            throw e;
        }
    }

    private static InetSocketAddress address(String address) {
        int colon = address.lastIndexOf(':');
        return new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    /** Connections of which every other one has been answered and the rest have said nothing. */
    private static List<Socket> connect(List<String> addresses) throws IOException {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < CONNECTED; i++) {
            InetSocketAddress to = address(addresses.get(i % addresses.size()));
            Socket socket = new Socket(to.getAddress(), to.getPort());
            socket.setSoTimeout(10_000);
            sockets.add(socket);
            if (i / addresses.size() % 2 == 0) {
                socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(socket.getInputStream().read()).isPositive();
            }
        }
        return sockets;
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll"})
    void whoIsKilledWithConnectionsServesAtTheSameAddressesWhenStartedAgain(String transport) throws Exception {
        Manifests manifests = new Manifests(folder);
        for (int i = 0; i < SERVICES; i++) {
            manifests.write(
                    "web" + i + ".yaml",
                    Manifests.myWebapp().replace("my-webapp", "web" + i).replace("30080", "" + (30_300 + i)));
        }
        Started first = start(transport);
        try (LbProcess killed = first.lb()) {
            List<Socket> sockets = connect(List.copyOf(first.addresses().values()));
            try {
                killed.kill();
                String before = first.addresses().get("web0/ClusterIP");
                // The kernel takes an io_uring down after the process; until then its listeners reset who comes.
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(
                                () -> assertThatThrownBy(() -> Http.get(before)).isInstanceOf(ConnectException.class));
                Started again = start(transport); // while the clients still hold their ends open
                try (LbProcess lb = again.lb()) {
                    assertThat(again.addresses()).isEqualTo(first.addresses());
                    assertThat(lb.stderr()).as("every bind worked").doesNotContain("cannot");
                    System.out.println(transport + ": " + 2 * SERVICES + " listeners, killed with " + CONNECTED
                            + " connections; until all have answered: first start "
                            + first.time().toMillis() + " ms, after the kill "
                            + again.time().toMillis() + " ms");
                }
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        }
        await().atMost(Duration.ofSeconds(10)).until(() -> !first.lb().isAlive());
    }
}
