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

/** Network namespaces of this machine, and the nginx in some of them. All of it is gone when it is closed. */
final class Namespaces implements AutoCloseable {

    private final String prefix;
    private final Path folder;
    private final List<String> names = new ArrayList<>();
    private final Map<String, Process> nginx = new HashMap<>();

    /**
     * None yet.
     *
     * @param theme tells these from those of another lab
     * @param folder for what nginx needs
     */
    Namespaces(String theme, Path folder) {
        this.prefix = "podlb" + theme + ProcessHandle.current().pid();
        this.folder = folder;
    }

    void add(String name) {
        Shell.must("ip", "netns", "add", namespace(name));
        names.add(name);
        in(name, "ip", "link", "set", "lo", "up");
    }

    /** A cable from eth0 of one to a device of another. */
    void connect(String inner, String outer, String outerDevice) {
        Shell.must("bash", "-euc", """
                ip -n %1$s link add eth0 type veth peer name %3$s netns %2$s
                ip -n %1$s link set eth0 up
                ip -n %2$s link set %3$s up
                """.formatted(namespace(inner), namespace(outer), outerDevice));
    }

    /** A cable from eth0 of one to a bridge of another. */
    void plug(String inner, String outer, String bridge) {
        connect(inner, outer, "v" + inner);
        in(outer, "ip", "link", "set", "v" + inner, "master", bridge);
    }

    private String namespace(String name) {
        return prefix + name;
    }

    /** What runs a command in it. */
    List<String> prefix(String name) {
        return List.of("ip", "netns", "exec", namespace(name));
    }

    /** Runs a command that must succeed. */
    String in(String name, String... command) {
        List<String> all = new ArrayList<>(prefix(name));
        all.addAll(List.of(command));
        return Shell.must(all.toArray(new String[0]));
    }

    /** The same with several lines for a shell. */
    void script(String name, String lines) {
        in(name, "bash", "-euc", lines);
    }

    /** Runs a command to its end. */
    Shell run(String name, List<String> command) {
        List<String> all = new ArrayList<>(prefix(name));
        all.addAll(command);
        return Shell.run(all);
    }

    /**
     * Starts nginx, which answers with that name on a port of all addresses, and to /client with the client's address;
     * see {@link #awaitNginx}.
     */
    void startNginx(String name, int port) {
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
                        listen %3$d;
                        listen [::]:%3$d;
                        location / { return 200 "%2$s\\n"; }
                        location = /client { return 200 "$remote_addr\\n"; }
                      }
                    }
                    """.formatted(home, name, port));
            List<String> command = new ArrayList<>(prefix(name));
            command.addAll(List.of("nginx", "-c", config.toString(), "-p", home.toString()));
            nginx.put(
                    name,
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(home.resolve("log").toFile())
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until nginx answers somebody at an address. */
    void awaitNginx(String from, String address) {
        await().atMost(Duration.ofSeconds(20)).until(() -> curl(from, address).exit() == 0);
    }

    void killNginx(String name) {
        Process process = nginx.remove(name);
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One HTTP request; the exit status is curl's: 7 refused, 56 reset. */
    Shell curl(String from, String address) {
        return run(from, List.of("curl", "-sS", "--max-time", "5", "http://" + address + "/"));
    }

    @Override
    public void close() {
        nginx.values().forEach(Process::destroyForcibly);
        for (String name : names) {
            Shell.run("ip", "netns", "del", namespace(name));
        }
    }
}
