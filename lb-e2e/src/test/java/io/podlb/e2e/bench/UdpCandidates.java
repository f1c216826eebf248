package io.podlb.e2e.bench;

import io.podlb.e2e.bench.Proxy.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** UDP proxies side by side, each at an address of its own, all in front of one backend: {@link UdpBackend}. */
final class UdpCandidates implements AutoCloseable {

    private final Path home;
    private final Path jar;
    private final List<Running> open = new ArrayList<>();
    private final List<Proxy> proxies = new ArrayList<>();

    UdpCandidates(Path home, Path jar) {
        this.home = home;
        this.jar = jar;
    }

    /** Starts a proxy by its name: one of podlb-TRANSPORT, podlb-TRANSPORT-dns, nginx, nginx-open, direct. */
    void start(String name) {
        String front = "127.96.1." + (proxies.size() + 1);
        String backend = UdpBackend.HOST.getHostAddress();
        proxies.add(
                switch (name) {
                    case "direct" -> new Proxy(name, List.of(), backend, backend, Ports.BACKEND, 0, false);
                    case "nginx" -> nginx(name, front, "proxy_responses 1; proxy_timeout 1s;");
                    // Sessions that wait for more answers must go before it has no connection left for new ones.
                    case "nginx-open" -> nginx(name, front, "proxy_timeout 250ms;");
                    default -> podlb(name, front);
                });
    }

    private Proxy nginx(String name, String front, String mode) {
        StringBuilder config = new StringBuilder("""
                load_module /usr/lib/nginx/modules/ngx_stream_module.so;
                daemon off;
                master_process off;
                pid %s/pid;
                error_log stderr;
                worker_rlimit_nofile 20000;
                events { worker_connections 19800; }
                stream {
                """.formatted(home.resolve(name)));
        for (int[] pair : ports()) {
            config.append("  server { listen %s:%d udp; proxy_pass %s:%d; %s }%n"
                    .formatted(front, pair[0], UdpBackend.HOST.getHostAddress(), pair[1], mode));
        }
        Path file = write(name, "nginx.conf", config.append("}\n").toString());
        return process(
                name,
                front,
                List.of("nginx", "-c", file.toString(), "-p", file.getParent().toString()),
                false);
    }

    /** A Service with one endpoint; in mode loopback its cluster IP 10.x.y.z is served at 127.x.y.z. */
    private Proxy podlb(String name, String front) {
        String[] words = name.split("-");
        if (!words[0].equals("podlb") || words.length < 2) {
            throw new IllegalArgumentException("proxy: " + name + " (expected: nginx, nginx-open, direct, podlb-epoll,"
                    + " podlb-nio, or one of these two and -dns)");
        }
        String mode = words.length > 2 ? "per-datagram" : "per-client";
        StringBuilder ports = new StringBuilder();
        StringBuilder endpointPorts = new StringBuilder();
        for (int[] pair : ports()) {
            ports.append(
                    "  - {name: p%1$d, port: %1$d, targetPort: %2$d, protocol: UDP}%n".formatted(pair[0], pair[1]));
            endpointPorts.append("- {name: p%d, port: %d, protocol: UDP}%n".formatted(pair[0], pair[1]));
        }
        Path manifest = write(name, "bench.yaml", """
                apiVersion: v1
                kind: Service
                metadata: {name: bench, annotations: {podlb.io/udp-flows: %s, podlb.io/udp-idle-timeout: 1s}}
                spec:
                  clusterIP: %s
                  ports:
                %s---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: bench-1, labels: {kubernetes.io/service-name: bench}}
                addressType: IPv4
                ports:
                %sendpoints:
                - {addresses: [%s], conditions: {ready: true}}
                """.formatted(
                mode, front.replaceFirst("^127", "10"), ports, endpointPorts, UdpBackend.HOST.getHostAddress()));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar", jar.toString()));
        command.addAll(List.of("run", "--cluster-ip-mode", "loopback", "--event-loops", "1"));
        command.addAll(List.of("--transport", words[1], "--admin", "127.0.0.1:0", "-f", manifest.toString()));
        return process(name, front, command, true);
    }

    private static List<int[]> ports() {
        return List.of(
                new int[] {Ports.FRONT.echo(), Ports.BACKEND.echo()},
                new int[] {Ports.FRONT.bulk(), Ports.BACKEND.bulk()});
    }

    private Proxy process(String name, String front, List<String> command, boolean isJava) {
        Running running = Running.start(CpuTime.PROXY_CORES, List.of(), command, home.resolve(name + ".log"));
        open.add(running);
        String backend = UdpBackend.HOST.getHostAddress();
        return new Proxy(name, List.of(), front, backend, Ports.FRONT, running.pid(), isJava);
    }

    /** All of them, in the order of their starts, frozen; each has relayed a datagram and its answer. */
    List<Proxy> ready(UdpExchange probe) {
        for (Proxy proxy : proxies) {
            probe.awaitAnswer(proxy);
            proxy.freeze(true);
        }
        return List.copyOf(proxies);
    }

    private Path write(String folder, String file, String text) {
        try {
            return Files.writeString(
                    Files.createDirectories(home.resolve(folder)).resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        open.forEach(Running::close);
    }
}
