package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Two nodes of a cluster with Pods behind each, its API server and a client, each a network namespace. Pods reach each
 * other across the nodes; the client has no route but to its neighbours: the addresses of the nodes.
 *
 * <pre>
 *   Pods 10.244.1.x -- 10.244.1.1 node1 192.168.79.1 --+-- client 192.168.79.9
 *                                                      |
 *   Pods 10.244.2.x -- 10.244.2.1 node2 192.168.79.2 --+-- api 192.168.79.8
 * </pre>
 *
 * <p>The same in IPv6: fd00:244:1::x, fd00:244:2::x and fd00:79::x.
 */
final class TwoNodes implements AutoCloseable {

    static final String NODE1 = "192.168.79.1";
    static final String NODE2 = "192.168.79.2";

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int REFUSED = 7;
    private static final int RESET = 56;

    private final Namespaces namespaces;
    private final Map<Integer, LbProcess> daemons = new HashMap<>();
    private final List<LbProcess> others = new ArrayList<>();
    private ApiProcess api;

    /** Nothing yet; see {@link #build}. */
    TwoNodes(String theme, Path folder) {
        namespaces = new Namespaces(theme, folder);
    }

    /** Builds all of it but podlb. */
    void build(List<Pod> pods) {
        namespaces.add("lan");
        namespaces.script("lan", """
                ip link add lan type bridge
                ip link set lan up
                """);
        for (int node = 1; node <= 2; node++) {
            attach("node" + node, node);
            namespaces.script("node" + node, """
                    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
                    ip link add pods type bridge
                    ip address add 10.244.%1$d.1/24 dev pods
                    ip address add fd00:244:%1$d::1/64 dev pods nodad
                    ip link set pods up
                    ip route add 10.244.%2$d.0/24 via 192.168.79.%2$d
                    ip route add fd00:244:%2$d::/64 via fd00:79::%2$d
                    """.formatted(node, 3 - node));
        }
        attach("client", 9);
        attach("api", 8);
        pods.forEach(this::add);
        pods.forEach(pod -> namespaces.awaitNginx(pod.name(), "127.0.0.1:80"));
        api = ApiProcess.start(namespaces.prefix("api"), "192.168.79.8", 6443);
    }

    private void attach(String name, int number) {
        namespaces.add(name);
        namespaces.plug(name, "lan", "lan");
        namespaces.script(name, """
                ip address add 192.168.79.%1$d/24 dev eth0
                ip address add fd00:79::%1$d/64 dev eth0 nodad
                """.formatted(number));
    }

    private void add(Pod pod) {
        namespaces.add(pod.name());
        namespaces.plug(pod.name(), pod.nodeName(), "pods");
        namespaces.script(pod.name(), """
                ip address add %1$s/24 dev eth0
                ip address add %2$s/64 dev eth0 nodad
                ip route add default via 10.244.%3$d.1
                ip route add default via fd00:244:%3$d::1
                """.formatted(pod.ipv4(), pod.ipv6(), pod.node()));
        namespaces.startNginx(pod.name(), 80);
    }

    ApiProcess api() {
        return api;
    }

    Namespaces namespaces() {
        return namespaces;
    }

    /** Starts the daemon of a node, in place of one that has ended; see {@link #awaitReady}. */
    LbProcess start(int node, String... more) {
        LbProcess daemon = startLb(node, "127.0.0.1:10249", more);
        LbProcess before = daemons.put(node, daemon);
        if (before != null) {
            before.close();
        }
        return daemon;
    }

    /** Starts one more, for other purposes than to be the daemon of that node. */
    LbProcess startBeside(int node, String admin, String... more) {
        LbProcess other = startLb(node, admin, more);
        others.add(other);
        return other;
    }

    private LbProcess startLb(int node, String admin, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "node",
                "--node-name",
                "node" + node,
                "--master",
                api.url(),
                "--cluster-cidr",
                "10.244." + node + ".0/24,fd00:244:" + node + "::/64"));
        arguments.addAll(List.of(more));
        return LbProcess.start(
                namespaces.prefix("node" + node), LbProcess.java(), admin, arguments.toArray(new String[0]));
    }

    /** Waits until all that were started serve. */
    void awaitReady() {
        daemons.values().forEach(LbProcess::awaitReady);
        others.forEach(LbProcess::awaitReady);
    }

    LbProcess daemon(int node) {
        return daemons.get(node);
    }

    /** Waits until every daemon offers so many endpoints on the cluster IP of a Service. */
    void awaitEndpoints(String service, int count) {
        for (LbProcess daemon : daemons.values()) {
            await().atMost(PATIENCE).ignoreExceptions().untilAsserted(() -> {
                assertThat(daemon.frontend(service, "ClusterIP").get("endpoints"))
                        .hasSize(count);
                assertThat(daemon.bound(service, "ClusterIP")).isNotEmpty();
            });
        }
    }

    /** Waits until new connections from there are answered by these and nobody else, each at least once. */
    void settles(String from, String address, Pod... expected) {
        // Nobody else by chance: 2^-15 for one of two; each at least once: a round that missed one is repeated.
        int requests = 12 + 3 * expected.length;
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(new TreeSet<>(answers(from, requests(address, requests))))
                        .as("%s to %s", from, address)
                        .containsExactlyInAnyOrder(Pod.names(expected)));
    }

    /** Who answers two requests of each of these clients, which are addresses of the namespace. */
    Map<String, Set<String>> answers(String from, String address, List<String> clients) {
        List<String> options = new ArrayList<>();
        for (String client : clients) {
            options.addAll(options.isEmpty() ? List.of() : List.of("--next"));
            options.addAll(List.of("--interface", client));
            options.addAll(requests(address, 2));
        }
        List<String> answers = answers(from, options);
        Map<String, Set<String>> byClient = new TreeMap<>();
        for (int i = 0; i < clients.size(); i++) {
            byClient.put(clients.get(i), new TreeSet<>(answers.subList(2 * i, 2 * i + 2)));
        }
        return byClient;
    }

    private List<String> answers(String from, List<String> options) {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "--fail-early"));
        command.addAll(options);
        Shell answer = namespaces.run(from, command);
        assertThat(answer.exit()).as("from %s: %s", from, answer.err()).isZero();
        return answer.out().lines().toList();
    }

    private static List<String> requests(String address, int count) {
        return List.of(
                "--max-time", "20", "--header", "Connection: close", "http://" + address + "/?[1-" + count + "]");
    }

    /** Waits until a connect is refused. */
    void refused(String from, String address) {
        ends(from, address, REFUSED);
    }

    /** Waits until a connection is accepted and reset without a byte. */
    void reset(String from, String address) {
        ends(from, address, RESET);
    }

    private void ends(String from, String address, int status) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            Shell answer = namespaces.curl(from, address);
            assertThat(answer.exit())
                    .as("%s to %s: %s%s", from, address, answer.out(), answer.err())
                    .isEqualTo(status);
        });
    }

    @Override
    public void close() {
        daemons.values().forEach(LbProcess::close);
        others.forEach(LbProcess::close);
        if (api != null) {
            api.close();
        }
        namespaces.close();
    }
}
