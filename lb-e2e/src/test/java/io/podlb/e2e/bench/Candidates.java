package io.podlb.e2e.bench;

import io.podlb.e2e.bench.Proxy.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Everything that is compared, started side by side, each at loopback addresses of its own so that no port and no
 * connection in TIME_WAIT of one is in the way of another.
 */
final class Candidates implements AutoCloseable {

    private final Path home;
    private final Map<String, Path> jars;
    private final List<String> javaCommand;
    private final List<AutoCloseable> open = new ArrayList<>();
    private final List<Proxy> proxies = new ArrayList<>();

    /**
     * Starts a backend and no proxy.
     *
     * @param jars podlb under the names that its rows begin with
     * @param javaCommand the JVM that runs them, and its flags
     */
    Candidates(Path home, Map<String, Path> jars, List<String> javaCommand) {
        this.home = home;
        this.jars = jars;
        this.javaCommand = javaCommand;
        open.add(new Backend(home.resolve("backend"), List.of()));
    }

    /** Starts a proxy by its name: {@code LABEL-TRANSPORT}, haproxy, haproxy-splice, nginx, direct, nat. */
    void start(String name) {
        int number = proxies.size() + 1;
        String front = "127.96.0." + number;
        String backend = "127.97.0." + number;
        proxies.add(
                switch (name) {
                    case "direct" -> new Proxy(name, List.of(), backend, backend, Ports.BACKEND, 0, false);
                    case "nat" -> nat();
                    case "haproxy", "haproxy-splice" -> {
                        Path config =
                                write(name, "haproxy.cfg", Peers.haproxy(front, backend, name.endsWith("splice")));
                        yield process(name, front, backend, List.of("haproxy", "-db", "-f", config.toString()), false);
                    }
                    case "nginx" -> {
                        String own = home.resolve(name).toString();
                        Path config = write(name, "nginx.conf", Peers.nginx(own, front, backend));
                        yield process(
                                name, front, backend, List.of("nginx", "-c", config.toString(), "-p", own), false);
                    }
                    default -> podlb(name, front, backend);
                });
    }

    private Proxy podlb(String name, String front, String backend) {
        int dash = name.lastIndexOf('-');
        Path jar = dash < 0 ? null : jars.get(name.substring(0, dash));
        if (jar == null) {
            throw new IllegalArgumentException("proxy: " + name + " (expected: haproxy, haproxy-splice, nginx, direct,"
                    + " nat, or one of " + jars.keySet() + " with -io_uring, -epoll or -nio)");
        }
        List<String> command = new ArrayList<>(javaCommand);
        command.addAll(List.of("-jar", jar.toString(), "run", "--cluster-ip-mode", "loopback", "--event-loops", "1"));
        command.addAll(List.of("--transport", name.substring(dash + 1), "--admin", "127.0.0.1:0", "-f"));
        command.add(write(name, "bench.yaml", Peers.manifest(front, backend)).toString());
        return process(name, front, backend, command, true);
    }

    private Proxy process(String name, String front, String backend, List<String> command, boolean isJava) {
        Running running = Running.start(CpuTime.PROXY_CORES, List.of(), command, home.resolve(name + ".log"));
        open.add(running);
        return new Proxy(name, List.of(), front, backend, Ports.FRONT, running.pid(), isJava);
    }

    private Proxy nat() {
        Nat nat = new Nat();
        open.add(nat);
        open.add(new Backend(home.resolve("nat"), nat.inBackend()));
        return new Proxy("nat", nat.inClient(), Nat.SERVICE, Nat.SERVICE, Ports.FRONT, 0, false);
    }

    /** All of them, in the order of their starts, frozen. */
    List<Proxy> ready() {
        for (Proxy proxy : proxies) {
            proxy.awaitServing();
            proxy.freeze(true);
        }
        return List.copyOf(proxies);
    }

    private Path write(String folder, String file, String config) {
        try {
            return Files.writeString(
                    Files.createDirectories(home.resolve(folder)).resolve(file), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }
}
