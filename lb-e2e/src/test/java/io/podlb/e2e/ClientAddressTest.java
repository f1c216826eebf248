package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Pods that see the address of their client, across a network: the node between them brings the answers back to podlb, by
 * the rules that README gives. Of two Services in front of the same Pods one asks for that.
 */
@NeedsNamespaces
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientAddressTest {

    private static final String ADMIN = "127.0.0.1:10249";
    private static final int RESET = 56;
    private static final int RESET_WHILE_CONNECTING = 7; // it can come before connect() has returned
    private static final int SEEN = 30081;
    private static final int PLAIN = 30082;

    private static final List<String> CLIENTS =
            IntStream.range(2, 10).mapToObj(i -> "192.168.77." + i).toList();
    private static final List<String> CLIENTS6 =
            IntStream.range(2, 10).mapToObj(i -> "fd00:77::" + i).toList();

    private Lab lab;
    private Manifests manifests;

    @BeforeAll
    void buildTheLab(@TempDir Path folder) throws Exception {
        lab = new Lab(folder);
        StringBuilder pods = new StringBuilder();
        for (int i = 1; i <= 2; i++) {
            String name = "web-" + i;
            lab.addPod(name, "10.244.0.1" + i);
            shell(name, "ip address add fd00:244::1" + i + "/64 dev eth0 nodad");
            pods.append(Manifests.pod(name, "10.244.0.1" + i))
                    .append("  podIPs: [{ip: 10.244.0.1%1$d}, {ip: 'fd00:244::1%1$d'}]\n".formatted(i));
        }
        shell("node", """
                sysctl -qw net.ipv6.conf.all.forwarding=1
                ip address add fd00:244::1/64 dev pods nodad
                ip address add fd00:77::1/64 dev uplink nodad
                """);
        for (int i = 1; i <= 2; i++) {
            shell("web-" + i, "ip route add default via fd00:244::1");
        }
        CLIENTS.stream().skip(1).forEach(client -> shell("client", "ip address add " + client + "/24 dev eth0"));
        CLIENTS6.forEach(client -> shell("client", "ip address add " + client + "/64 dev eth0 nodad"));
        shell("client", "ip route add default via fd00:77::1");
        shell("node", """
                iptables -t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1
                ip rule add fwmark 1 lookup 100
                ip route add local default dev lo table 100
                ip6tables -t mangle -A PREROUTING -p tcp -m socket --transparent -j MARK --set-mark 1
                ip -6 rule add fwmark 1 lookup 100
                ip -6 route add local default dev lo table 100
                """);
        manifests = new Manifests(Files.createDirectory(folder.resolve("manifests")))
                .write(
                        "web.yaml",
                        service(
                                "seen",
                                SEEN,
                                "annotations: {podlb.io/preserve-client-address: transparent, podlb.io/eject-after: '1'}"),
                        service("plain", PLAIN, "labels: {app: other}"))
                .write("pods.yaml", pods.toString());
    }

    @AfterAll
    void removeTheLab() {
        lab.close();
    }

    private void shell(String name, String lines) {
        lab.in(name, "bash", "-euc", lines);
    }

    private static String service(String name, int nodePort, String metadata) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  name: %s
                  %s
                spec:
                  type: NodePort
                  ipFamilies: [IPv4, IPv6]
                  ipFamilyPolicy: RequireDualStack
                  selector: {app: my-webapp}
                  ports: [{port: 80, nodePort: %d}]
                """.formatted(name, metadata, nodePort);
    }

    private LbProcess run(List<String> prefix, String... more) {
        List<String> all = new ArrayList<>(lab.prefix("node"));
        all.addAll(prefix);
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "-f",
                manifests.path(),
                "--node-name",
                "n0",
                "--cluster-ip-mode",
                "port",
                "--service-cidr",
                "10.96.0.0/12,fd00:10:96::/108"));
        arguments.addAll(List.of(more));
        return LbProcess.start(all, LbProcess.java(), ADMIN, arguments.toArray(new String[0]))
                .awaitReady();
    }

    /** One request of each of these clients, eight at a time. */
    private List<Shell> ask(List<String> clients, String address, int port, int requests) {
        List<Shell> answers = IntStream.range(0, clients.size())
                .parallel()
                .mapToObj(i -> curl(clients.get(i), "http://" + address + ":" + port + "/client?[1-" + requests + "]"))
                .toList();
        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.exit())
                        .as("%s%s", answer.out(), answer.err())
                        .isZero());
        return answers;
    }

    private Shell curl(String client, String url) {
        List<String> command = new ArrayList<>(lab.prefix("client"));
        command.addAll(List.of("curl", "-sS", "--max-time", "20", "--interface", client));
        command.addAll(List.of("--header", "Connection: close", url));
        return Shell.run(command);
    }

    private static Set<String> lines(Shell answer) {
        return new TreeSet<>(answer.out().lines().toList());
    }

    private void eachIsSeen(List<String> clients, String address) {
        List<Shell> answers = ask(clients, address, SEEN, 20);
        for (int i = 0; i < clients.size(); i++) {
            assertThat(lines(answers.get(i))).as("a client").containsExactly(clients.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"io_uring", "epoll"})
    void podsSeeTheirClientsWhereThatIsAskedForAndPodlbElsewhere(String transport) {
        try (LbProcess lb = run(List.of(), "--transport", transport)) {
            eachIsSeen(CLIENTS, Lab.NODE_ADDRESS);
            eachIsSeen(CLIENTS6, "[fd00:77::1]");
            assertThat(ask(CLIENTS, Lab.NODE_ADDRESS, PLAIN, 5))
                    .allSatisfy(answer -> assertThat(lines(answer)).containsExactly("10.244.0.1"));
            assertThat(ask(CLIENTS6, "[fd00:77::1]", PLAIN, 5))
                    .allSatisfy(answer -> assertThat(lines(answer)).containsExactly("fd00:244::1"));
            assertThat(reasons(lb)).as("all ended in order").isSubsetOf("backend-closed", "client-closed");
            assertThat(lb.service("seen")
                            .at("/ports/0/traffic/preserve-client-address")
                            .asString())
                    .isEqualTo("transparent");
        }
    }

    private static Set<String> reasons(LbProcess lb) {
        Set<String> reasons = new TreeSet<>();
        for (JsonNode connection : lb.getJson("/api/v1/connections").get("connections")) {
            reasons.add(connection.at("/endReason").asString());
        }
        return reasons;
    }

    /** Under eject-after 1 a single failure that is taken for a Pod's would leave the Pod out. */
    @Test
    void withoutThePrivilegeConnectionsFailAndNoPodIsBlamed() {
        List<String> unprivileged = List.of("setpriv", "--bounding-set", "-net_admin,-net_raw", "--inh-caps", "-all");
        try (LbProcess lb = run(unprivileged)) {
            for (int i = 0; i < 5; i++) {
                assertThat(curl(CLIENTS.get(i), "http://" + Lab.NODE_ADDRESS + ":" + SEEN + "/client")
                                .exit())
                        .isIn(RESET, RESET_WHILE_CONNECTING);
            }
            assertThat(reasons(lb)).containsExactly("local-resources");
            assertThat(metric(lb, "podlb_ejections_total")).isEmpty();
            assertThat(lb.stderr().lines().filter(line -> line.contains("IP_TRANSPARENT")))
                    .as(lb.stderr())
                    .singleElement()
                    .asString()
                    .contains("default/seen", "CAP_NET_ADMIN or CAP_NET_RAW", "podlb.io/preserve-client-address");
            assertThat(ask(CLIENTS, Lab.NODE_ADDRESS, PLAIN, 1))
                    .allSatisfy(answer -> assertThat(lines(answer)).containsExactly("10.244.0.1"));
        }
    }

    private static Set<String> metric(LbProcess lb, String name) {
        return lb.get("/metrics")
                .out()
                .lines()
                .filter(line -> line.startsWith(name) && !line.endsWith(" 0") && !line.endsWith(" 0.0"))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
