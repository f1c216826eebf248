package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The access log of the executable, on stdout. */
@Timeout(120)
class AccessLogTest {

    @TempDir
    Path folder;

    private LbProcess run(String manifest, String... more) {
        new Manifests(folder).write("web.yaml", manifest);
        String[] arguments = new String[more.length + 6];
        System.arraycopy(
                new String[] {"run", "-f", folder.toString(), "--simulate-pods", "--node-name", "n0"},
                0,
                arguments,
                0,
                6);
        System.arraycopy(more, 0, arguments, 6, more.length);
        return LbProcess.start(arguments).awaitReady();
    }

    private static List<String> lines(LbProcess lb, String service) {
        return lb.stdout()
                .lines()
                .filter(line -> line.contains(service) && line.contains("client"))
                .toList();
    }

    @Test
    void eachConnectionLeavesALineThatNamesThePodThatAnswered() throws Exception {
        try (LbProcess lb = run(Manifests.myWebapp(), "--access-log", "all", "--log-format", "json")) {
            String address = lb.bound("my-webapp-clusterip", "ClusterIP");
            String answer = Http.get(address);
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> lines(lb, "my-webapp-clusterip").size() == 1);
            JsonNode line = LbProcess.parse(lines(lb, "my-webapp-clusterip").get(0));
            assertThat(answer).contains(line.get("pod").asString());
            assertThat(line.at("/frontend/bound").asString()).isEqualTo(address);
            assertThat(line.at("/tries/0/outcome").asString()).isEqualTo("connected");
            assertThat(line.get("bytesToClient").asInt()).isPositive();
        }
    }

    @Test
    void anAnnotationTurnsItOnForOneServiceAlone() throws Exception {
        String manifest = Manifests.myWebapp()
                .replace(
                        "name: my-webapp-nodeport\n",
                        "name: my-webapp-nodeport\n  annotations: {podlb.io/access-log: all}\n");
        assertThat(manifest).contains("podlb.io/access-log");
        try (LbProcess lb = run(manifest)) {
            Http.get(lb.bound("my-webapp-clusterip", "ClusterIP"));
            Http.get(lb.bound("my-webapp-nodeport", "ClusterIP"));
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> lines(lb, "service=default/my-webapp-nodeport").size() == 1);
            assertThat(lines(lb, "service=default/my-webapp-nodeport").get(0))
                    .startsWith("time=")
                    .contains(" tries=\"", " connected ");
            assertThat(lines(lb, "service=default/my-webapp-clusterip")).isEmpty();
        }
    }
}
