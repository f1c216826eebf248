package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The story of README across a network: ClusterIP at its real address from a Pod and from the node, node port from
 * outside, Pods that die, leave and come back.
 */
@NeedsNamespaces
@Timeout(180)
class NamespacesTest {

    private static final String ADMIN = "127.0.0.1:10249";
    private static final int REFUSED = 7;
    private static final int RESET = 56;

    @TempDir
    Path folder;

    private Lab lab;
    private Manifests manifests;

    @BeforeEach
    void buildTheLab() throws Exception {
        lab = new Lab(folder);
        for (int i = 1; i <= 3; i++) {
            lab.addPod("web-" + i, "10.244.0.1" + i);
        }
        manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                .write("web.yaml", Manifests.myWebapp());
        pods("n0", 1, 2, 3);
    }

    @AfterEach
    void removeTheLab() {
        lab.close();
    }

    private void pods(String node, int... numbers) {
        StringBuilder pods = new StringBuilder();
        for (int i : numbers) {
            pods.append(Manifests.pod("web-" + i, "10.244.0.1" + i).replace("nodeName: n0", "nodeName: " + node));
        }
        if (numbers.length == 0) {
            manifests.delete("pods.yaml"); // an emptied file would be taken for an accident
        } else {
            manifests.write("pods.yaml", pods.toString());
        }
    }

    private LbProcess run(String... more) {
        List<String> arguments =
                concat(List.of("run", "-f", manifests.path(), "--node-name", "n0", "--cluster-ip-mode", "bind"), more);
        return LbProcess.start(lab.prefix("node"), LbProcess.java(), ADMIN, arguments.toArray(new String[0]))
                .awaitReady();
    }

    private Set<String> answers(String from, String address) {
        Set<String> answers = new TreeSet<>();
        for (int i = 0; i < 30; i++) {
            Shell answer = lab.curl(from, address);
            assertThat(answer.exit()).as(answer.err()).isZero();
            answers.add(answer.out().strip());
        }
        return answers;
    }

    private void settles(String from, String address, String... expected) {
        await().atMost(Duration.ofSeconds(10))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(answers(from, address)).containsExactly(expected));
    }

    @Test
    void theStoryOfMyWebapp() {
        try (LbProcess lb = run()) {
            String clusterIp =
                    lb.service("my-webapp-clusterip").get("clusterIPs").get(0).asString();
            String nodePort = Lab.NODE_ADDRESS + ":30080";
            assertThat(lb.bound("my-webapp-clusterip", "ClusterIP")).isEqualTo(clusterIp + ":80");

            assertThat(answers("web-1", clusterIp))
                    .as("from a Pod, itself included")
                    .hasSize(3);
            assertThat(answers("node", clusterIp)).as("from the node").hasSize(3);
            assertThat(answers("client", nodePort)).as("from outside").hasSize(3);

            lab.killPod("web-2");
            assertThat(answers("client", nodePort))
                    .as("a Pod was killed, and no client noticed")
                    .containsExactly("web-1", "web-3");
            assertThat(answers("web-1", clusterIp)).containsExactly("web-1", "web-3");
            lab.startPod("web-2", "10.244.0.12");
            settles("client", nodePort, "web-1", "web-2", "web-3");

            pods("n0", 2, 3);
            settles("client", nodePort, "web-2", "web-3");
            settles("web-1", clusterIp, "web-2", "web-3");

            pods("n0");
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> lab.curl("client", nodePort).exit() == REFUSED);
            assertThat(lab.curl("web-1", clusterIp).exit()).isEqualTo(REFUSED);

            pods("n0", 1);
            settles("client", nodePort, "web-1");
            settles("web-2", clusterIp, "web-1");

            lb.terminate();
            assertThat(lb.awaitExit()).isZero();
        }
        assertThat(lab.in("node", "ip", "route", "show", "table", "local", "dev", "lo"))
                .as("the route that podlb added is gone")
                .doesNotContain("10.96.0.0");
    }

    /** Kube-semantics 8.4, 9.1, 22. */
    @Test
    void aDrainedPodKeepsItsConnectionsAndGetsNoNewOnes() throws Exception {
        manifests.write(
                "web.yaml",
                Manifests.myWebapp()
                        .replace(
                                "spec:\n  selector:\n    app: my-webapp\n  ports:\n    - protocol",
                                "spec:\n  sessionAffinity: ClientIP\n  selector:\n    app: my-webapp\n  ports:\n    - protocol"));
        try (LbProcess lb = run()) {
            String clusterIp =
                    lb.service("my-webapp-clusterip").get("clusterIPs").get(0).asString();
            Set<String> sticky = answers("node", clusterIp);
            assertThat(sticky).as("session affinity").hasSize(1);
            String pod = sticky.iterator().next();

            // One keep-alive connection, two requests: the Pod is marked terminating between them.
            Process client = new ProcessBuilder(concat(lab.prefix("node"), "bash", "-c", """
                            exec 3<>/dev/tcp/%s/80
                            printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' >&3
                            read -r line <&3; echo "$line"
                            read -r go
                            printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\nConnection: close\\r\\n\\r\\n' >&3
                            cat <&3
                            """.formatted(clusterIp)))
                    .redirectErrorStream(true)
                    .start();
            BufferedReader out = client.inputReader();
            assertThat(out.readLine()).contains("200 OK");
            StringBuilder pods = new StringBuilder();
            for (int i = 1; i <= 3; i++) {
                String manifest = Manifests.pod("web-" + i, "10.244.0.1" + i);
                pods.append(
                        pod.equals("web-" + i)
                                ? manifest.replace(
                                        "metadata:\n", "metadata:\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n")
                                : manifest);
            }
            manifests.write("pods.yaml", pods.toString());
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(answers("node", clusterIp)).doesNotContain(pod));
            client.getOutputStream().write("go\n".getBytes(StandardCharsets.US_ASCII));
            client.getOutputStream().flush();
            String rest = out.lines().collect(Collectors.joining("\n"));
            assertThat(rest).as("the open connection went on").contains(pod).contains("HTTP/1.1 200 OK");
        }
    }

    /** External policy Local without a Pod on this node (kube-semantics 5.3, 5.6, 5.7, 6.7, 22, 24.3). */
    @Test
    void underLocalPolicyOnlyTheNodeAndItsPodsAreServedFromElsewhere() {
        manifests.write(
                "web.yaml",
                Manifests.myWebapp().replace("type: NodePort", "type: NodePort\n  externalTrafficPolicy: Local"));
        pods("n1", 1, 2, 3);
        try (LbProcess lb = run("--cluster-cidr", "10.244.0.0/16")) {
            assertThat(lab.curl("client", Lab.NODE_ADDRESS + ":30080").exit())
                    .as("from outside")
                    .isEqualTo(RESET);
            assertThat(answers("node", "127.0.0.1:30080")).as("from the node").hasSize(3);
            assertThat(answers("web-1", "10.244.0.1:30080"))
                    .as("from a Pod of the node")
                    .hasSize(3);
            assertThat(answers(
                            "node",
                            lb.service("my-webapp-nodeport")
                                    .get("clusterIPs")
                                    .get(0)
                                    .asString()))
                    .as("the cluster IP has no such policy")
                    .hasSize(3);
            assertThat(lb.frontend("my-webapp-nodeport", "NodePort")
                            .get("verdict")
                            .asString())
                    .isEqualTo("drop");
            assertThat(lb.get("/metrics").out())
                    .containsPattern("podlb_connections_ended_total\\{[^}]*reason=\"not-local\"[^}]*\\} 1");

            pods("n0", 2);
            settles("client", Lab.NODE_ADDRESS + ":30080", "web-2");
        }
    }

    private static List<String> concat(List<String> prefix, String... command) {
        List<String> all = new ArrayList<>(prefix);
        all.addAll(List.of(command));
        return all;
    }
}
