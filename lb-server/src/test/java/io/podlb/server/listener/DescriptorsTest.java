package io.podlb.server.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.server.Backends;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Out of descriptors, in a process of its own that has few: accepting pauses, is resumed, and nothing spins. */
@Timeout(120)
class DescriptorsTest {

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void acceptingPausesWithoutADescriptorAndResumesWithOne(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Child child = Child.start(transport, one.spec().address().port())) {
            assertThat(child.ask()).isEqualTo("one");
            child.tell("fill 0");
            long cpuBefore = child.cpuTicks();
            try (Socket waiting = new Socket()) {
                waiting.connect(child.address());
                waiting.setSoTimeout(2_000);
                assertThatThrownBy(() -> waiting.getInputStream().read())
                        .as("waits in the backlog")
                        .isInstanceOf(SocketTimeoutException.class);
                assertThat(child.cpuTicks() - cpuBefore)
                        .as("ticks of 10 ms used in two seconds")
                        .isLessThan(100);
                assertThat(Integer.parseInt(child.tell("pauses"))).isPositive();
                child.tell("release");
                waiting.setSoTimeout(30_000);
                assertThat(waiting.getInputStream().readAllBytes())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo("one");
            }
            assertThat(child.ask()).isEqualTo("one");
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void withoutADescriptorForTheBackendTheClientIsResetAndTheBackendNotBlamed(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Backends two = Backends.saying("one");
                Child child = Child.start(
                        transport,
                        one.spec().address().port(),
                        two.spec().address().port())) {
            assertThat(child.ask()).isEqualTo("one");
            child.tell("fill 1");
            assertThatThrownBy(child::ask).isInstanceOf(IOException.class);
            assertThat(child.tell("missed"))
                    .as("one failure would be enough to eject")
                    .isEqualTo("0");
            assertThat(child.tell("ended local-resources")).isEqualTo("1");
            child.tell("release");
            assertThat(child.ask()).isEqualTo("one");
        }
    }

    @ParameterizedTest
    @MethodSource("io.podlb.server.Transports#all")
    void listenersThatDoNotFitAreReportedConnectionsGoOnAndRoomIsUsedWhenItComes(String transport) throws Exception {
        try (Backends one = Backends.saying("one");
                Child child = Child.start(transport, "" + one.spec().address().port(), 600, 0)) {
            child.tell("serve 500");
            List<String> listeners = List.of(child.tell("listeners").split("\\|"));
            assertThat(listeners).hasSize(500);
            List<String> open =
                    listeners.stream().filter(line -> line.startsWith("OPEN")).toList();
            assertThat(open)
                    .as("450 descriptors beside the reserve, a quarter of them for connections")
                    .hasSize(338);
            assertThat(listeners.subList(0, 338))
                    .as("those that come first by name")
                    .isEqualTo(open);
            assertThat(listeners.subList(338, 500))
                    .allMatch(line -> line.startsWith("FAILED ")
                            && line.endsWith(": descriptor limit 600, enough for 338 listeners beside 42 connections,"
                                    + " and these are taken; raise it (ulimit -n)"));
            assertThat(child.tell("gauge podlb_listeners_waiting")).isEqualTo("162");
            assertThat(child.tell("gauge podlb_connection_limit")).isEqualTo("56");
            List<Socket> clients = new ArrayList<>();
            try {
                for (int i = 0; i < 50; i++) { // as many as the limit at once: what opens listeners left that room
                    clients.add(new Socket("127.78.1." + (1 + i), DescriptorsChild.PORT));
                }
                for (Socket client : clients) {
                    client.setSoTimeout(30_000);
                    assertThat(client.getInputStream().readAllBytes())
                            .asString(StandardCharsets.UTF_8)
                            .isEqualTo("one");
                }
            } finally {
                for (Socket client : clients) {
                    client.close();
                }
            }
            assertThat(child.tell("pauses")).as("accepting never had to stop").isEqualTo("0");

            child.tell("serve 400");
            await().untilAsserted(() ->
                    assertThat(child.tell("gauge podlb_listeners_waiting")).isEqualTo("62"));
            child.tell("serve 0");
            child.tell("serve 300");
            assertThat(List.of(child.tell("listeners").split("\\|")))
                    .hasSize(300)
                    .allMatch(line -> line.startsWith("OPEN"));
            assertThat(Child.ask(new InetSocketAddress("127.78.1.50", DescriptorsChild.PORT)))
                    .isEqualTo("one");
        }
    }

    /** The other process, told by lines what to do. */
    private record Child(Process process, BufferedReader out, PrintWriter in, InetSocketAddress address)
            implements AutoCloseable {

        static Child start(String transport, int... backendPorts) throws IOException {
            String ports =
                    Arrays.stream(backendPorts).mapToObj(Integer::toString).collect(Collectors.joining(","));
            return start(transport, ports, 250, 10_000);
        }

        static Child start(String transport, String backendPorts, int limit, int maxConnections) throws IOException {
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            String command = "ulimit -n " + limit + "; exec " + java + " -Xmx128m -cp '"
                    + System.getProperty("java.class.path") + "' " + DescriptorsChild.class.getName() + " " + transport
                    + " " + backendPorts + " " + maxConnections;
            Process process = new ProcessBuilder("bash", "-c", command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            PrintWriter in = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
            int port = Integer.parseInt(out.readLine());
            return new Child(process, out, in, new InetSocketAddress("127.0.0.1", port));
        }

        String tell(String line) throws IOException {
            in.println(line);
            return out.readLine();
        }

        String ask() throws IOException {
            return ask(address);
        }

        static String ask(InetSocketAddress address) throws IOException {
            try (Socket socket = new Socket()) {
                socket.connect(address);
                socket.setSoTimeout(30_000);
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            }
        }

        long cpuTicks() {
            return process.info().totalCpuDuration().orElseThrow().toMillis() / 10;
        }

        @Override
        public void close() throws InterruptedException {
            in.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}
