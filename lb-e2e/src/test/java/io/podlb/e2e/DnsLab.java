package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A {@link Lab} with three Pods that run dnsmasq, and the Pod {@code caller} that runs nothing. Each dnsmasq answers
 * {@code whoami.lab} TXT with the name of its Pod, and {@code big.lab} TXT with {@value #BIG_ANSWER} bytes and more.
 */
final class DnsLab implements AutoCloseable {

    static final int PODS = 3;
    static final String CLUSTER_IP = "10.96.0.10";
    static final int NODE_PORT = 30053;
    static final int BIG_ANSWER = 3900;

    private static final int FAILED = 9;

    private final Lab lab;
    private final Path folder;
    private final Map<Integer, Process> servers = new HashMap<>();

    DnsLab(Path folder) {
        this.folder = folder;
        this.lab = new Lab(folder);
        for (int pod = 1; pod <= PODS; pod++) {
            lab.addIdlePod(name(pod), address(pod));
        }
        lab.addIdlePod("caller", "10.244.0.20");
        // A client that asks on and on would have used up the "port unreachable" that others wait for.
        lab.in("node", "sysctl", "-qw", "net.ipv4.icmp_ratemask=0");
        startAll();
    }

    Lab lab() {
        return lab;
    }

    static String name(int pod) {
        return "dns-" + pod;
    }

    static String address(int pod) {
        return "10.244.0.1" + pod;
    }

    /** Starts every server that does not run. */
    void startAll() {
        for (int pod = 1; pod <= PODS; pod++) {
            if (!servers.containsKey(pod)) {
                start(pod);
            }
        }
    }

    /** Starts the server of a Pod and waits until it answers. */
    void start(int pod) {
        try {
            Path config = Files.writeString(folder.resolve(name(pod) + ".conf"), config(name(pod)));
            List<String> command = new ArrayList<>(lab.prefix(name(pod)));
            command.addAll(List.of("dnsmasq", "--conf-file=" + config));
            servers.put(
                    pod,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve(name(pod) + ".log").toFile())
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(Duration.ofSeconds(20))
                .until(() -> dig(name(pod), "@127.0.0.1", "TXT", "whoami.lab").exit() == 0);
    }

    private static String config(String pod) {
        StringBuilder config = new StringBuilder("""
                keep-in-foreground
                user=root
                pid-file=
                log-facility=-
                no-resolv
                no-hosts
                cache-size=0
                edns-packet-max=4096
                txt-record=whoami.lab,%s
                """.formatted(pod));
        for (int i = 10; i < 25; i++) {
            config.append("txt-record=big.lab,")
                    .append(i)
                    .append("x".repeat(245))
                    .append('\n');
        }
        return config.toString();
    }

    /** Ends the server of a Pod in an instant; its address stays and says "port unreachable". */
    void kill(int pod) {
        Process server = servers.remove(pod);
        server.destroyForcibly();
        try {
            assertThat(server.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks once, with a patience that a busy machine needs. */
    Shell dig(String from, String... arguments) {
        List<String> command = new ArrayList<>(lab.prefix(from));
        command.addAll(List.of("dig", "-r", "+tries=1", "+time=10"));
        command.addAll(List.of(arguments));
        return Shell.run(command);
    }

    /** The Pods that answer forty questions, each from a port of its own. */
    Set<String> answers(String from, String address, int port, String... options) {
        List<String> arguments = new ArrayList<>(List.of("-p", Integer.toString(port), "+short"));
        arguments.addAll(List.of(options));
        for (int i = 0; i < 40; i++) {
            arguments.addAll(List.of("@" + address, "TXT", "whoami.lab"));
        }
        Shell answers = dig(from, arguments.toArray(new String[0]));
        assertThat(answers.exit()).as(answers.out()).isZero();
        List<String> lines = answers.out().lines().toList();
        assertThat(lines).as("one answer for each question").hasSize(40);
        return lines.stream().map(line -> line.replace("\"", "")).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Waits until nobody listens there any more. */
    void refused(String from, String address, int port, String... options) {
        List<String> arguments = new ArrayList<>(List.of("-p", Integer.toString(port), "@" + address));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("TXT", "whoami.lab"));
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            Shell answer = dig(from, arguments.toArray(new String[0]));
            assertThat(answer.exit()).as(answer.out()).isEqualTo(FAILED);
            assertThat(answer.out()).contains("connection refused");
        });
    }

    /** The Service with these of its two ports. */
    static String service(String... protocols) {
        return """
                apiVersion: v1
                kind: Service
                metadata:
                  namespace: default
                  name: dns
                spec:
                  type: NodePort
                  clusterIP: %s
                  clusterIPs: [%1$s]
                  ipFamilies: [IPv4]
                  selector: {app: dns}
                  ports:
                """.formatted(CLUSTER_IP)
                + Arrays.stream(protocols)
                        .map(protocol -> "    - {name: %s, port: 53, targetPort: 53, protocol: %s, nodePort: %d}\n"
                                .formatted(protocol.toLowerCase(Locale.ROOT), protocol, NODE_PORT))
                        .collect(Collectors.joining());
    }

    static String pod(int pod) {
        return """
                ---
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %s
                  labels: {app: dns}
                spec:
                  nodeName: n0
                  containers: [{name: dns}]
                status:
                  podIP: %s
                """.formatted(name(pod), address(pod));
    }

    /** The same, about to end, but ready until it does (kube-semantics 9.4). */
    static String terminating(int pod) {
        return pod(pod).replace("metadata:\n", "metadata:\n  deletionTimestamp: \"2026-01-01T00:00:00Z\"\n");
    }

    static String[] pods(int... pods) {
        return Arrays.stream(pods).mapToObj(DnsLab::pod).toArray(String[]::new);
    }

    /** {@code lb run} on the node, with what a folder says. */
    LbProcess run(Manifests manifests, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("run", "-f", manifests.path(), "--node-name", "n0", "--cluster-ip-mode", "bind"));
        arguments.addAll(List.of(more));
        return start(arguments);
    }

    /** Any verb that serves, on the node. */
    LbProcess start(List<String> arguments) {
        return LbProcess.start(
                        lab.prefix("node"), LbProcess.java(), "127.0.0.1:10249", arguments.toArray(new String[0]))
                .awaitReady();
    }

    @Override
    public void close() {
        servers.values().forEach(Process::destroyForcibly);
        lab.close();
    }
}
