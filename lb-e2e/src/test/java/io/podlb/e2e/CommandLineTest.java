package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The executable as scripts use it: exit status, one clear line, no stack trace. */
@Timeout(60)
class CommandLineTest {

    @TempDir
    Path folder;

    private static void refused(Shell result, int exit, String... words) {
        assertThat(result.exit()).as(result.err()).isEqualTo(exit);
        assertThat(result.err()).contains(words).doesNotContain("\tat ").doesNotContain("Exception");
    }

    @Test
    void unknownFlag() {
        refused(LbProcess.run("run", "-f", folder.toString(), "--polcy", "random"), 2, "--polcy", "--policy");
    }

    @Test
    void unknownVerbAndNoVerb() {
        refused(LbProcess.run("serve"), 2, "serve");
        assertThat(LbProcess.run().exit()).isEqualTo(2);
    }

    @Test
    void missingFile() {
        refused(LbProcess.run("run", "-f", folder.resolve("none.yaml").toString()), 2, "none.yaml");
    }

    @Test
    void emptyFolder() {
        refused(LbProcess.run("run", "-f", folder.toString()), 2, folder.toString());
    }

    @Test
    void portOutOfRange() throws Exception {
        Files.writeString(folder.resolve("web.yaml"), Manifests.myWebapp().replace("port: 80  ", "port: 99999  "));
        Shell result = LbProcess.run("validate", "-f", folder.toString());
        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.out() + result.err()).contains("web.yaml, document 3", "spec.ports[0].port", "99999");
    }

    @Test
    void duplicateNodePort() throws Exception {
        Files.writeString(
                folder.resolve("web.yaml"),
                Manifests.myWebapp() + "\n---\n" + Manifests.myWebapp().replace("my-webapp", "second"));
        Shell result = LbProcess.run("validate", "-f", folder.toString());
        assertThat(result.exit()).isEqualTo(2);
        assertThat(result.out() + result.err())
                .contains("Service default/second-nodeport", "30080", "default/my-webapp-nodeport");
    }

    @Test
    void unknownPolicyAndTransport() throws Exception {
        Files.writeString(folder.resolve("web.yaml"), Manifests.myWebapp());
        refused(
                LbProcess.run("run", "-f", folder.toString(), "--policy", "fastest"),
                2,
                "fastest",
                "least-connections");
        refused(LbProcess.run("run", "-f", folder.toString(), "--transport", "token-ring"), 2, "token-ring", "epoll");
    }

    @Test
    void adminPortInUse() throws Exception {
        Files.writeString(folder.resolve("web.yaml"), Manifests.myWebapp());
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String admin = "127.0.0.1:" + taken.getLocalPort();
            refused(LbProcess.run("run", "-f", folder.toString(), "--simulate-pods", "--admin", admin), 1, admin);
        }
    }

    @Test
    void explainShowsTheStoryWithoutASocket() throws Exception {
        Path file = Files.writeString(folder.resolve("web.yaml"), Manifests.myWebapp());
        Shell result =
                LbProcess.run("explain", "-f", file.toString(), "--simulate-pods", "-o", "json", "my-webapp-nodeport");
        assertThat(result.exit()).isZero();
        JsonNode service = LbProcess.parse(result.out()).get("services").get(0);
        assertThat(service.get("type").asString()).isEqualTo("NodePort");
        JsonNode port = service.get("ports").get(0);
        assertThat(port.get("nodePort").asInt()).isEqualTo(30080);
        JsonNode nodePort = port.get("frontends").get(1);
        assertThat(nodePort.get("address").asString()).isEqualTo("*");
        assertThat(nodePort.get("bound").isNull()).as("explain binds nothing").isTrue();
        assertThat(nodePort.get("verdict").asString()).isEqualTo("forward");
        assertThat(nodePort.get("endpoints")).hasSize(3);
        assertThat(nodePort.get("endpoints").get(0).get("share").asDouble()).isBetween(0.333, 0.334);
        assertThat(Shell.run("ss", "-ltnH", "sport = :30080").out()).isEmpty();
    }

    @Test
    void explainKnowsNoSuchService() throws Exception {
        Path file = Files.writeString(folder.resolve("web.yaml"), Manifests.myWebapp());
        refused(LbProcess.run("explain", "-f", file.toString(), "my-webap-nodeport"), 2, "my-webapp-nodeport");
    }

    @Test
    void versionHelpAndCompletion() {
        assertThat(LbProcess.run("version").out()).contains("podlb 0.1");
        assertThat(LbProcess.run("help").out()).contains("run", "demo", "explain", "validate", "PODLB_NODE_NAME");
        assertThat(LbProcess.run("run", "--help").out()).contains("--cluster-ip-mode", "PODLB_");
        assertThat(LbProcess.run("completion").out()).contains("complete -");
    }

    /** Within a heap of 256 MiB, and before anybody would have pressed Ctrl-C. */
    @Test
    void anAliasBombIsRefused() throws Exception {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9) + "*a" + (i - 1)));
        }
        Path file = Files.writeString(folder.resolve("bomb.yaml"), bomb);
        refused(LbProcess.run("run", "-f", file.toString()), 2, "bomb.yaml");
    }
}
