package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lb run --allow-faults}: faults by annotation and over HTTP, as somebody meets them who has nothing but the jar. */
@Timeout(120)
class FaultsTest {

    private static final String CLUSTER_IP = "my-webapp-clusterip";

    @TempDir
    Path folder;

    @Test
    void faultsAreSetSeenAndTakenBackOverHttp() throws Exception {
        new Manifests(folder).write("web.yaml", Manifests.myWebapp());
        String admin = "127.0.0.1:" + FreePorts.next();
        try (LbProcess lb = run(admin, "--allow-faults")) {
            String address = lb.bound(CLUSTER_IP, "ClusterIP");
            String one = Http.get(address);
            assertThat(send(admin, "PUT", "{\"rules\": [\"refuse; pod=" + one + "\"]}")
                            .statusCode())
                    .isEqualTo(200);
            for (int i = 0; i < 40; i++) {
                assertThat(Http.get(address)).as("another Pod answers").isNotEqualTo(one);
            }
            assertThat(lb.getJson("/api/v1/faults").at("/faults/0/hits").asLong())
                    .isPositive();
            assertThat(lb.get("/metrics").out())
                    .contains("# HELP podlb_faults_total")
                    .containsPattern("podlb_faults_total\\{[^}]*fault=\"refuse\"[^}]*} [1-9]");

            HttpResponse<String> wrong = send(admin, "PUT", "{\"rules\": [\"cut=all\"]}");
            assertThat(wrong.statusCode()).isEqualTo(400);
            assertThat(wrong.body()).startsWith("cut: \"all\" (expected: a number of bytes");
            assertThat(lb.getJson("/api/v1/faults").at("/faults/0/fault").asString())
                    .isEqualTo("refuse");

            assertThat(send(admin, "PUT", "{\"rules\": [\"cut=5; to=client; service=default/" + CLUSTER_IP + "\"]}")
                            .statusCode())
                    .isEqualTo(200);
            assertThatThrownBy(() -> Http.get(address)).isInstanceOf(IOException.class);
            assertThat(StreamSupport.stream(
                            lb.getJson("/api/v1/connections").get("connections").spliterator(), false))
                    .anyMatch(connection -> connection.path("bytesToClient").asLong() == 5
                            && connection.path("endReason").asString().equals("backend-reset"));

            assertThat(send(admin, "DELETE", "").statusCode()).isEqualTo(200);
            assertThat(Http.get(address)).isNotEmpty();
            assertThat(lb.getJson("/api/v1/faults").get("faults")).isEmpty();
        }
    }

    @Test
    void anAnnotationIsDoneAndTakenBackWithAnEdit() throws Exception {
        String annotated = Manifests.myWebapp()
                .replace(
                        "name: " + CLUSTER_IP + "\n",
                        "name: " + CLUSTER_IP + "\n  annotations:\n    podlb.io/fault: refuse\n");
        assertThat(annotated).isNotEqualTo(Manifests.myWebapp());
        Manifests manifests = new Manifests(folder).write("web.yaml", annotated);
        try (LbProcess lb = run("127.0.0.1:" + FreePorts.next(), "--allow-faults")) {
            String address = lb.bound(CLUSTER_IP, "ClusterIP");
            assertThatThrownBy(() -> Http.get(address)).isInstanceOf(IOException.class);
            assertThat(lb.getJson("/api/v1/faults").at("/faults/0/origin").asString())
                    .isEqualTo("annotation");
            manifests.write("web.yaml", Manifests.myWebapp());
            await().atMost(Duration.ofSeconds(20))
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(Http.get(address)).isNotEmpty());
        }
    }

    @Test
    void withoutTheOptionNothingGoesWrongOnPurpose() throws Exception {
        new Manifests(folder)
                .write(
                        "web.yaml",
                        Manifests.myWebapp()
                                .replace(
                                        "name: " + CLUSTER_IP + "\n",
                                        "name: " + CLUSTER_IP + "\n  annotations:\n    podlb.io/fault: refuse\n"));
        String admin = "127.0.0.1:" + FreePorts.next();
        try (LbProcess lb = run(admin)) {
            assertThat(Http.get(lb.bound(CLUSTER_IP, "ClusterIP"))).isNotEmpty();
            assertThat(lb.stderr()).contains("podlb.io/fault]: is ignored; start with --allow-faults");
            HttpResponse<String> refused = send(admin, "PUT", "{\"rules\": [\"refuse\"]}");
            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused.body()).contains("--allow-faults");
        }
    }

    private LbProcess run(String admin, String... more) {
        String[] words = {
            "run",
            "-f",
            folder.toString(),
            "--simulate-pods",
            "--node-name",
            "n0",
            "--node-port-addresses",
            "127.0.0.0/8"
        };
        String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return LbProcess.start(List.of(), LbProcess.java(), admin, all).awaitReady();
    }

    private static HttpResponse<String> send(String admin, String method, String body)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + admin + "/api/v1/faults"))
                .header("Content-Type", "application/json")
                .method(method, BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    }
}
