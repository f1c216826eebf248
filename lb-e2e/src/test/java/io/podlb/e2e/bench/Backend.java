package io.podlb.e2e.bench;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What stands behind every proxy, on the core of the clients: nginx with one worker, iperf3, and an echo. */
final class Backend implements AutoCloseable {

    private final List<Running> processes = new ArrayList<>();

    /**
     * Starts it and waits for the slowest part of it.
     *
     * @param prefix what its commands are run by, such as {@code ip netns exec NAME}; empty for none
     */
    Backend(Path home, List<String> prefix) {
        try {
            Files.createDirectories(home.resolve("www"));
            Files.write(home.resolve("www/large"), new byte[64 << 10]);
            Path config = Files.writeString(home.resolve("nginx.conf"), nginx(home));
            start(prefix, home, "nginx", "-c", config.toString(), "-p", home.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(prefix, home, "iperf3", "-s", "-p", Integer.toString(Proxy.Ports.BACKEND.bulk()));
        List<String> echo = Client.javaCommand(EchoMain.class, Proxy.Ports.BACKEND.echo());
        Path log = home.resolve("echo.log");
        processes.add(Running.start(CpuTime.OTHER_CORES, prefix, echo, log));
        await("echo").atMost(Duration.ofMinutes(1)).until(() -> Files.size(log) > 0); // the slowest of the three
    }

    private void start(List<String> prefix, Path home, String... command) {
        processes.add(Running.start(CpuTime.OTHER_CORES, prefix, List.of(command), home.resolve(command[0] + ".log")));
    }

    private static String nginx(Path home) {
        return """
                daemon off;
                master_process off;
                user root;
                pid %1$s/pid;
                error_log stderr;
                worker_rlimit_nofile 20000;
                events { worker_connections 19000; }
                http {
                  access_log off;
                  tcp_nodelay on;
                  sendfile on;
                  keepalive_requests 1000000000;
                  keepalive_timeout 1h;
                  client_body_temp_path %1$s/body;
                  proxy_temp_path %1$s/proxy;
                  fastcgi_temp_path %1$s/fastcgi;
                  uwsgi_temp_path %1$s/uwsgi;
                  scgi_temp_path %1$s/scgi;
                  server {
                    listen %2$d backlog=4096;
                    root %1$s/www;
                    location = / { return 200 "podlb\\n"; }
                  }
                }
                """.formatted(home, Proxy.Ports.BACKEND.http());
    }

    @Override
    public void close() {
        processes.forEach(Running::close);
    }
}
