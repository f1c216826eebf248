package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodsTest {

    private static Lab lab(PodBehaviour behaviour) {
        return Lab.builder()
                .service(KitService.named("web").port(80).targetPort(8080).behaviour(behaviour))
                .start();
    }

    private static byte[] exchange(Socket client, String question) throws IOException {
        client.getOutputStream().write(question.getBytes(StandardCharsets.US_ASCII));
        client.shutdownOutput();
        return client.getInputStream().readAllBytes();
    }

    @Test
    void anEchoSaysNothingElse() throws IOException {
        try (Lab lab = lab(Pods.echo());
                Socket client = Clients.connect(lab.service("web").address())) {
            assertThat(exchange(client, "GET / HTTP/1.1\r\n\r\n")).asString().isEqualTo("GET / HTTP/1.1\r\n\r\n");
        }
    }

    @Test
    void identifySaysTheNameWithoutBeingAskedAndEndsItsStream() throws IOException {
        try (Lab lab = lab(Pods.identify());
                Socket client = Clients.connect(lab.service("web").address())) {
            assertThat(client.getInputStream().readAllBytes())
                    .asString()
                    .isEqualTo(lab.service("web").pod(0).name() + "\n");
        }
    }

    @Test
    void httpAnswersWithTheNameAndTheTarget() throws Exception {
        try (Lab lab = lab(Pods.http())) {
            ServiceHandle web = lab.service("web");
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create(web.uri() + "basket?item=7"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(answer.body()).isEqualTo(web.pod(0).name() + "\n");
            assertThat(answer.headers().firstValue("X-Request-Target")).hasValue("/basket?item=7");
        }
    }

    @Test
    void aHandlerHasTheSocketAndItsCrashIsAReset() throws IOException {
        SocketHandler handler = (pod, socket) -> {
            int first = socket.getInputStream().read();
            socket.getOutputStream().write((pod + " got " + (char) first).getBytes(StandardCharsets.US_ASCII));
            while (socket.getInputStream().read() >= 0) {
                // Until the client has ended its stream.
            }
        };
        try (Lab lab = lab(Pods.handler(handler))) {
            PodHandle pod = lab.service("web").pod(0);
            String expected = pod.name() + " got x";
            try (Socket client = Clients.connect(lab.service("web").address())) {
                assertThat(exchange(client, "x")).asString().isEqualTo(expected);
            }
            try (Socket client = Clients.connect(lab.service("web").address())) {
                client.getOutputStream().write('x');
                assertThat(client.getInputStream().readNBytes(expected.length()))
                        .asString()
                        .isEqualTo(expected);
                pod.crash();
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            pod.restart();
            try (Socket client = Clients.connect(lab.service("web").address())) {
                assertThat(exchange(client, "x")).asString().isEqualTo(expected);
            }
        }
    }

    /** Often, since it takes a thread that is just about to accept. */
    @Test
    void aPodWithAHandlerAcceptsNobodyOnceItHasCrashed() {
        try (Lab lab = lab(Pods.handler((pod, client) -> client.getInputStream().read()))) {
            PodHandle pod = lab.service("web").pod(0);
            for (int i = 0; i < 300; i++) {
                pod.crash();
                assertThatThrownBy(() -> Clients.connect(pod.address()).close())
                        .as("crash %d", i)
                        .isInstanceOf(ConnectException.class);
                pod.restart();
            }
        }
    }

    @Test
    void anExternalPodIsReachedWhereItIs() throws IOException {
        try (ServerSocket elsewhere = new ServerSocket(0, 10, java.net.InetAddress.getLoopbackAddress());
                Lab lab = lab(Pods.external("127.0.0.1", elsewhere.getLocalPort()))) {
            try (Socket client = Clients.connect(lab.service("web").address());
                    Socket served = elsewhere.accept()) {
                served.getOutputStream().write(5);
                assertThat(client.getInputStream().read()).isEqualTo(5);
            }
            assertThatThrownBy(() -> lab.service("web").pod(0).crash()).hasMessageContaining("is external");
        }
    }

    @Test
    void theLastRuleThatFitsCounts() {
        Lab lab = Lab.builder()
                .service(KitService.named("web").port(80))
                .service(KitService.named("api").port(80))
                .pods("app=web", Pods.echo())
                .pods("api", Pods.echo())
                .pods("default/api", Pods.identify())
                .start();
        try (lab) {
            assertThat(Map.of(
                            "web", Clients.whoAnswers(lab.service("web").address()),
                            "api", Clients.whoAnswers(lab.service("api").address())))
                    .containsEntry("web", "null")
                    .containsEntry("api", lab.service("api").pod(0).name());
        }
    }
}
