package io.podlb.server.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernel asks after both peers of a connection that has lasted a while: its own table of sockets says so. */
@Timeout(60)
class KeepaliveTest {

    private static final String ESTABLISHED = "01";
    private static final String KEEPALIVE_TIMER = "02:";

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void bothSocketsOfAConnectionThatLastsAreKeptAlive(String transport) throws Exception {
        LoadBalancerConfig.Builder config =
                LoadBalancerConfig.builder().transport(transport).idleTimeout(Duration.ofSeconds(2));
        try (Backends echo = Backends.echo();
                Rig rig = Rig.start(config, echo);
                Socket client = rig.connect()) {
            int ours = rig.address().getPort();
            int backend = echo.spec().address().port();
            // A byte now and then, or the idle timeout, so short for the sake of this test, would end it. In between
            // nothing, since a socket that waits for an acknowledgement shows the timer of that.
            ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();
            try {
                Future<?> bytes = traffic.scheduleWithFixedDelay(() -> chat(client), 0, 300, TimeUnit.MILLISECONDS);
                await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                    assertThat(bytes).as("traffic goes on").isNotDone();
                    assertThat(timers(ours, client.getLocalPort())).containsExactly(KEEPALIVE_TIMER);
                    assertThat(timersTo(backend)).containsExactly(KEEPALIVE_TIMER);
                });
            } finally {
                traffic.shutdownNow();
            }
        }
    }

    private static void chat(Socket client) {
        try {
            client.getOutputStream().write('x');
            assertThat(client.getInputStream().read()).isEqualTo('x');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The timers of the sockets from one port of this machine to another. */
    private static List<String> timers(int local, int remote) throws IOException {
        return sockets().stream()
                .filter(socket -> socket.local == local && socket.remote == remote)
                .map(Entry::timer)
                .toList();
    }

    private static List<String> timersTo(int remote) throws IOException {
        return sockets().stream()
                .filter(socket -> socket.remote == remote)
                .map(Entry::timer)
                .toList();
    }

    private record Entry(int local, int remote, String timer) {}

    private static List<Entry> sockets() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            for (String line : Files.readAllLines(Path.of(table))) {
                String[] columns = line.strip().split(" +");
                if (columns[3].equals(ESTABLISHED)) {
                    entries.add(new Entry(port(columns[1]), port(columns[2]), columns[5].substring(0, 3)));
                }
            }
        }
        return entries;
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}
