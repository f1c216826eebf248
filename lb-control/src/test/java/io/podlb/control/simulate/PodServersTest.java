package io.podlb.control.simulate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podlb.control.allocate.PortRange;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.SocketAddressSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PodServersTest {

    /** Of this process alone, so that builds beside each other on one machine keep apart. */
    private static final String ONE = "127.244." + ProcessHandle.current().pid() % 250 + ".1";

    private static final String TWO = "127.244." + ProcessHandle.current().pid() % 250 + ".2";
    private static final PortRange NODE_PORTS = new PortRange(30000, 32767);

    private final PodServers servers = new PodServers(NODE_PORTS);

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void answersHttpWithItsName() throws Exception {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        HttpClient client = HttpClient.newHttpClient();
        for (String method : List.of("GET", "POST", "DELETE")) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://" + ONE + ":18080/some/path"))
                            .method(method, HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).isEqualTo("web-1\n");
            assertThat(response.headers().firstValue("x-pod-name")).hasValue("web-1");
            assertThat(response.headers().firstValue("x-pod-ip")).hasValue(ONE);
        }
    }

    @Test
    void keepsAConnectionForSeveralRequestsAndAnswersHeadWithoutBody() throws IOException {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        String answers = exchange(ONE, 18080, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(3);
        assertThat(answers).containsOnlyOnce("web-1\n").endsWith("web-1\n");
    }

    @Test
    void requestsThatComeByteByByteAreStillHttp() throws IOException {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        try (Socket socket = new Socket(ONE, 18080)) {
            socket.setTcpNoDelay(true);
            for (byte each : "GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)) {
                socket.getOutputStream().write(each);
            }
            assertThat(text(socket)).startsWith("HTTP/1.1 200 OK").endsWith("web-1\n");
        }
    }

    @Test
    void echoesWhatIsNotHttpAfterALineWithItsName() throws IOException {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        assertThat(exchange(ONE, 18080, "GETTING nowhere\n")).isEqualTo("web-1\nGETTING nowhere\n");
        assertThat(exchange(ONE, 18080, "")).isEqualTo("web-1\n");
        assertThat(exchange(ONE, 18080, "GE")).isEqualTo("web-1\nGE");
    }

    @Test
    void echoesMoreThanAnyBufferHolds() throws Exception {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        byte[] sent = new byte[8 << 20];
        new Random(7).nextBytes(sent);
        sent[0] = 0;
        try (Socket socket = new Socket(ONE, 18080)) {
            Thread writer = new Thread(() -> {
                try {
                    socket.getOutputStream().write(sent);
                    socket.shutdownOutput();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            writer.start();
            byte[] got = socket.getInputStream().readAllBytes();
            writer.join();
            assertThat(new String(got, 0, 6, StandardCharsets.US_ASCII)).isEqualTo("web-1\n");
            assertThat(java.util.Arrays.copyOfRange(got, 6, got.length)).isEqualTo(sent);
        }
    }

    @Test
    void followsTheListOfPods() throws IOException {
        SimulatedPod one = pod("web-1", ONE, 18080);
        SimulatedPod two = pod("web-2", TWO, 18080);
        servers.open(List.of(one));
        servers.open(List.of(one, two));
        assertThat(exchange(TWO, 18080, "")).isEqualTo("web-2\n");
        try (Socket open = new Socket(ONE, 18080)) {
            open.getOutputStream().write('x');
            assertThat(open.getInputStream().read()).isEqualTo('w');
            servers.open(List.of(two));
            servers.retain(List.of(two));
            awaitRefused(ONE, 18080);
            text(open);
        }
        assertThat(exchange(TWO, 18080, "")).isEqualTo("web-2\n");
    }

    /** The JDK closes a listening socket when its selector runs the next time. */
    private static void awaitRefused(String address, int port) {
        await().untilAsserted(() ->
                assertThatThrownBy(() -> new Socket(address, port).close()).isInstanceOf(ConnectException.class));
    }

    @Test
    void followsThePortsOfAPod() throws IOException {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        SimulatedPod more = new SimulatedPod(
                "default", "web-1", InetAddresses.parse(ONE), new TreeSet<>(List.of(18080, 18081)), new TreeSet<>());
        servers.open(List.of(more));
        servers.retain(List.of(more));
        assertThat(servers.reachedAt()).isEmpty();
        assertThat(exchange(ONE, 18080, "")).isEqualTo("web-1\n");
        assertThat(exchange(ONE, 18081, "")).isEqualTo("web-1\n");
        servers.retain(List.of(pod("web-1", ONE, 18081)));
        awaitRefused(ONE, 18080);
        assertThat(exchange(ONE, 18081, "")).isEqualTo("web-1\n");
    }

    @Test
    void takesAnotherPortWhereTheOwnOneIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddresses.parse(ONE))) {
            int port = taken.getLocalPort();
            servers.open(List.of(pod("web-1", ONE, port)));
            SocketAddressSpec wanted = new SocketAddressSpec(InetAddresses.parse(ONE), port);
            SocketAddressSpec actual = servers.reachedAt().get(wanted);
            assertThat(actual).isNotNull();
            assertThat(actual.address()).isEqualTo(wanted.address());
            assertThat(exchange(ONE, actual.port(), "")).isEqualTo("web-1\n");
            assertThat(servers.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.toString())
                            .contains("1 Pod: port " + port + " is served by another port", "in use"));
        }
    }

    @Test
    void neverStandsInTheWayOfANodePort() throws IOException {
        servers.open(List.of(pod("web-1", ONE, 30080)));
        assertThat(servers.reachedAt()).hasSize(1);
        try (ServerSocket nodePort = new ServerSocket(30080)) {
            assertThat(nodePort.isBound()).isTrue();
        }
    }

    @Test
    void answersDatagramsWithItsNameAndWhatTheySay() throws IOException {
        servers.open(List.of(dns("dns-1", ONE, 18053)));
        assertThat(ask(ONE, 18053, "who?")).isEqualTo("dns-1\nwho?");
        assertThat(ask(ONE, 18053, "")).isEqualTo("dns-1\n");
        assertThat(ask(ONE, 18053, "x".repeat(65_507))).isEqualTo("dns-1\n" + "x".repeat(65_501));
        assertThat(exchange(ONE, 18053, "")).as("TCP as well").isEqualTo("dns-1\n");
        assertThat(servers.problems()).isEmpty();
        servers.retain(List.of());
        await().untilAsserted(() ->
                assertThatThrownBy(() -> ask(ONE, 18053, "who?")).isInstanceOf(PortUnreachableException.class));
    }

    /** An endpoint has one port number for both protocols. */
    @Test
    void bothProtocolsOfAPortMoveTogether() throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddresses.parse(ONE))) {
            int port = taken.getLocalPort();
            servers.open(List.of(dns("dns-1", ONE, port)));
            SocketAddressSpec actual = servers.reachedAt().get(new SocketAddressSpec(InetAddresses.parse(ONE), port));
            assertThat(actual).isNotNull();
            assertThat(ask(ONE, actual.port(), "who?")).isEqualTo("dns-1\nwho?");
            assertThat(exchange(ONE, actual.port(), "")).isEqualTo("dns-1\n");
        }
    }

    @Test
    void aProtocolThatIsAddedJoinsTheOther() throws IOException {
        servers.open(List.of(pod("dns-1", ONE, 18053)));
        servers.open(List.of(dns("dns-1", ONE, 18053)));
        servers.retain(List.of(dns("dns-1", ONE, 18053)));
        assertThat(ask(ONE, 18053, "who?")).isEqualTo("dns-1\nwho?");
        assertThat(servers.reachedAt()).isEmpty();
        try (DatagramSocket taken = new DatagramSocket(18054, InetAddresses.parse(ONE))) {
            servers.open(List.of(pod("dns-1", ONE, 18054)));
            servers.open(List.of(dns("dns-1", ONE, 18054)));
            assertThat(taken.isBound()).isTrue();
            assertThat(servers.problems())
                    .singleElement()
                    .satisfies(problem -> assertThat(problem.toString())
                            .contains("1 Pod: port 18054 is not served in full", "in use"));
        }
    }

    private static SimulatedPod dns(String name, String address, int port) {
        return new SimulatedPod(
                "default",
                name,
                InetAddresses.parse(address),
                new TreeSet<>(List.of(port)),
                new TreeSet<>(List.of(port)));
    }

    private static String ask(String host, int port, String question) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(10_000);
            socket.connect(InetAddresses.parse(host), port);
            // Unconnected sends of the JDK alone let an empty datagram out.
            byte[] content = question.getBytes(StandardCharsets.US_ASCII);
            if (content.length == 0) {
                socket.disconnect();
                socket.send(new DatagramPacket(content, 0, InetAddresses.parse(host), port));
            } else {
                socket.send(new DatagramPacket(content, content.length));
            }
            DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
            socket.receive(answer);
            return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void nothingIsSaidWhereAllIsAsTheManifestHasIt() {
        servers.open(List.of(pod("web-1", ONE, 18080)));
        assertThat(servers.reachedAt()).isEmpty();
        assertThat(servers.problems()).isEmpty();
    }

    private static SimulatedPod pod(String name, String address, int port) {
        return new SimulatedPod(
                "default", name, InetAddresses.parse(address), new TreeSet<>(List.of(port)), new TreeSet<>());
    }

    private static String exchange(String host, int port, String request) throws IOException {
        try (Socket socket = new Socket(host, port)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            return text(socket);
        }
    }

    private static String text(Socket socket) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        socket.getInputStream().transferTo(bytes);
        return bytes.toString(StandardCharsets.US_ASCII);
    }
}
