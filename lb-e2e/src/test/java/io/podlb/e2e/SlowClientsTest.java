package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of clients that connect and say next to nothing: what the limits of connections leave for all others. */
@Timeout(180)
class SlowClientsTest {

    private static final String SERVICE = "my-webapp-clusterip";
    private static final String OTHER_SERVICE = "my-webapp-nodeport";
    private static final int SLOW = 2_000;

    @TempDir
    Path folder;

    @BeforeEach
    void writeManifests() {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
    }

    private LbProcess run(String... limits) {
        List<String> arguments = new ArrayList<>(
                List.of("run", "-f", folder.toString(), "--simulate-pods", "--node-port-addresses", "127.0.0.0/8"));
        arguments.addAll(List.of(limits));
        return LbProcess.start(arguments.toArray(new String[0])).awaitReady();
    }

    /** Clients of one address, of which every other one sends a byte now and then, and the rest nothing. */
    private static final class SlowClients implements AutoCloseable {

        private final List<Socket> sockets = new ArrayList<>();

        SlowClients(String from, InetSocketAddress to) throws IOException {
            for (int i = 0; i < SLOW; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                socket.bind(new InetSocketAddress(from, 0));
                try {
                    socket.connect(to, 20_000);
                } catch (SocketTimeoutException e) {
                    throw e;
                } catch (IOException refused) {
                    // Reset before the kernel had told of the connection; that is counted where it was done, too.
                }
            }
        }

        void sayAByte() {
            for (int i = 0; i < sockets.size(); i += 2) {
                try {
                    sockets.get(i).getOutputStream().write('G');
                } catch (IOException refused) {
                    // Reset a while ago; who was is counted where it was done.
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static InetSocketAddress address(LbProcess lb, String service) {
        String bound = lb.bound(service, "ClusterIP");
        int colon = bound.lastIndexOf(':');
        return new InetSocketAddress(bound.substring(0, colon), Integer.parseInt(bound.substring(colon + 1)));
    }

    private static String ask(String from, InetSocketAddress to) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(20_000);
            socket.bind(new InetSocketAddress(from, 0));
            socket.connect(to, 20_000);
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200");
            return answer;
        }
    }

    /** Connections to a Service that ended for that reason. */
    private static long ended(LbProcess lb, String service, String reason) {
        return lb.get("/metrics")
                .out()
                .lines()
                .filter(line -> line.startsWith("podlb_connections_ended_total{")
                        && line.contains("service=\"" + service + "\"")
                        && line.contains("reason=\"" + reason + "\""))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static void awaitEnded(LbProcess lb, String reason, long count) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(ended(lb, SERVICE, reason)).isEqualTo(count));
    }

    @Test
    void aLimitPerClientLeavesTheServiceToAllOthers() throws Exception {
        int others = 300;
        try (LbProcess lb = run("--max-connections-per-client", "100");
                SlowClients slow = new SlowClients("127.0.0.2", address(lb, SERVICE))) {
            awaitEnded(lb, "client-limit", SLOW - 100);
            for (int i = 0; i < others; i++) {
                if (i % 50 == 0) {
                    slow.sayAByte();
                }
                ask("127.0.0." + (3 + i % 50), address(lb, SERVICE));
            }
            System.out.println(SLOW + " slow clients of one address, 100 allowed: " + (SLOW - 100) + " reset, " + others
                    + " requests of 50 other addresses: 0 failed");
        }
    }

    @Test
    void aLimitPerServiceLeavesTheProcessToOtherServices() throws Exception {
        int others = 300;
        try (LbProcess lb = run("--max-connections", "1000", "--max-connections-per-service", "300")) {
            InetSocketAddress address = address(lb, SERVICE);
            try (SlowClients slow = new SlowClients("127.0.0.2", address)) {
                awaitEnded(lb, "service-limit", SLOW - 300);
                for (int i = 0; i < others; i++) {
                    if (i % 50 == 0) {
                        slow.sayAByte();
                    }
                    ask("127.0.0.2", address(lb, OTHER_SERVICE));
                }
                assertThatThrownBy(() -> ask("127.0.0.3", address)).isInstanceOf(IOException.class);
            }
            awaitServed(address);
            System.out.println(SLOW + " slow clients of a Service, 300 allowed: " + (SLOW - 300) + " reset, " + others
                    + " requests of another Service: 0 failed");
        }
    }

    @Test
    void theLimitOfTheProcessKeepsItAlive() throws Exception {
        try (LbProcess lb = run("--max-connections", "500")) {
            InetSocketAddress address = address(lb, SERVICE);
            try (SlowClients slow = new SlowClients("127.0.0.2", address)) {
                // Of two that come at one moment for its last place, both may be refused.
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(ended(lb, SERVICE, "connection-limit"))
                                .isBetween(SLOW - 500L, SLOW - 400L));
                slow.sayAByte();
                assertThatThrownBy(() -> ask("127.0.0.3", address)).isInstanceOf(IOException.class);
                assertThat(lb.get("/healthz").exit()).isZero();
            }
            awaitServed(address);
            System.out.println(SLOW + " slow clients of a process, 500 allowed: " + (SLOW - 500)
                    + " reset, and served again once they had gone");
        }
    }

    /** The slow ones have gone; it takes a moment until the last is noticed. */
    private static void awaitServed(InetSocketAddress address) {
        await().atMost(Duration.ofSeconds(30)).ignoreExceptions().until(() -> ask("127.0.0.3", address) != null);
    }
}
