package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A node, a client outside of it and Pods behind it, each a network namespace of this machine; every Pod runs nginx. All
 * of it is gone when it is closed.
 *
 * <pre>
 *   client 192.168.77.2 -- 192.168.77.1 node 10.244.0.1 -- bridge -- Pods 10.244.0.x
 * </pre>
 */
final class Lab implements AutoCloseable {

    static final String NODE_ADDRESS = "192.168.77.1";

    private final String prefix = "podlb" + ProcessHandle.current().pid();
    private final Path folder;
    private final List<String> namespaces = new ArrayList<>();
    private final Map<String, Process> nginx = new HashMap<>();

    Lab(Path folder) {
        this.folder = folder;
        add("node");
        in("node", "ip", "link", "add", "pods", "type", "bridge");
        in("node", "ip", "address", "add", "10.244.0.1/24", "dev", "pods");
        in("node", "ip", "link", "set", "pods", "up");
        in("node", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        add("client");
        connect("client", "node", "uplink");
        in("node", "ip", "address", "add", NODE_ADDRESS + "/24", "dev", "uplink");
        in("client", "ip", "address", "add", "192.168.77.2/24", "dev", "eth0");
        in("client", "ip", "route", "add", "default", "via", NODE_ADDRESS);
    }

    /** A namespace beside the node that is no Pod and no client of Services: 192.168.78.1, the node being 192.168.78.2. */
    String addControlPlane() {
        add("api");
        connect("api", "node", "control");
        in("api", "ip", "address", "add", "192.168.78.1/24", "dev", "eth0");
        in("node", "ip", "address", "add", "192.168.78.2/24", "dev", "control");
        return "192.168.78.1";
    }

    private void add(String name) {
        Shell.must("ip", "netns", "add", namespace(name));
        namespaces.add(name);
        in(name, "ip", "link", "set", "lo", "up");
    }

    private void connect(String inner, String outer, String outerDevice) {
        Shell.must(
                "ip",
                "-n",
                namespace(inner),
                "link",
                "add",
                "eth0",
                "type",
                "veth",
                "peer",
                "name",
                outerDevice,
                "netns",
                namespace(outer));
        in(inner, "ip", "link", "set", "eth0", "up");
        in(outer, "ip", "link", "set", outerDevice, "up");
    }

    private String namespace(String name) {
        return prefix + name;
    }

    List<String> prefix(String name) {
        return List.of("ip", "netns", "exec", namespace(name));
    }

    String in(String name, String... command) {
        List<String> all = new ArrayList<>(prefix(name));
        all.addAll(List.of(command));
        return Shell.must(all.toArray(new String[0]));
    }

    /** A Pod that runs nginx on port 80, which answers with the name of the Pod. */
    void addPod(String name, String address) {
        addIdlePod(name, address);
        startPod(name, address);
    }

    /** A Pod that runs nothing yet. */
    void addIdlePod(String name, String address) {
        add(name);
        connect(name, "node", "v" + name);
        in("node", "ip", "link", "set", "v" + name, "master", "pods");
        in(name, "ip", "address", "add", address + "/24", "dev", "eth0");
        in(name, "ip", "route", "add", "default", "via", "10.244.0.1");
    }

    /** Starts the nginx of a Pod that is there. */
    void startPod(String name, String address) {
        try {
            Path home = Files.createDirectories(folder.resolve("nginx-" + name));
            Path config = Files.writeString(home.resolve("nginx.conf"), """
                    daemon off;
                    master_process off;
                    pid %1$s/pid;
                    error_log stderr;
                    events {}
                    http {
                      access_log off;
                      client_body_temp_path %1$s/body;
                      proxy_temp_path %1$s/proxy;
                      fastcgi_temp_path %1$s/fastcgi;
                      uwsgi_temp_path %1$s/uwsgi;
                      scgi_temp_path %1$s/scgi;
                      server {
                        listen 80;
                        location / { return 200 "%2$s\\n"; }
                      }
                    }
                    """.formatted(home, name));
            List<String> command = new ArrayList<>(prefix(name));
            command.addAll(List.of("nginx", "-c", config.toString(), "-p", home.toString()));
            nginx.put(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(home.resolve("log").toFile())
                            .start());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> curl("node", address).exit() == 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills the nginx of a Pod; its address stays, so that connects are refused. */
    void killPod(String name) {
        Process process = nginx.remove(name);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One HTTP request from a namespace; the exit status is curl's: 7 refused, 56 reset. */
    Shell curl(String from, String address) {
        List<String> command = new ArrayList<>(prefix(from));
        command.addAll(List.of("curl", "-sS", "--max-time", "5", "http://" + address + "/"));
        return Shell.run(command);
    }

    @Override
    public void close() {
        nginx.values().forEach(Process::destroyForcibly);
        for (String name : namespaces) {
            Shell.run("ip", "netns", "del", namespace(name));
        }
    }
}
