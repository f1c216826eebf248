package io.podlb.e2e.bench;

import static org.awaitility.Awaitility.await;

import io.podlb.e2e.Shell;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A way from a client to the backend, and what stands in it: a proxy, the kernel, or nothing.
 *
 * @param name its row of the tables
 * @param client what commands of clients are run by, such as {@code ip netns exec NAME}; empty for none
 * @param host the address that clients call
 * @param backend the address that it calls, for clients of it alone; {@code host} where it has no sockets of its own
 * @param ports the ports that clients call
 * @param pid the process; 0 where there is none
 * @param isJava whether it has a heap, and is slow before it is warm
 */
record Proxy(String name, List<String> client, String host, String backend, Ports ports, long pid, boolean isJava) {

    /** What a backend serves: HTTP, iperf3, and an echo. */
    record Ports(int http, int bulk, int echo) {

        /** Where every backend listens. */
        static final Ports BACKEND = new Ports(18_080, 15_201, 17_007);

        /** Where every proxy listens. */
        static final Ports FRONT = new Ports(8_080, 5_201, 7_007);
    }

    Proxy {
        client = List.copyOf(client);
    }

    /** Waits until a request through it is answered. */
    void awaitServing() {
        List<String> command = new ArrayList<>(client);
        command.addAll(List.of("curl", "-s", "--fail", "-o", "/dev/null", "--max-time", "10"));
        command.add("http://" + host + ":" + ports.http() + "/");
        await(name)
                .pollInterval(Duration.ofMillis(50))
                .atMost(Duration.ofMinutes(2))
                .failFast(
                        name + " has ended",
                        () -> pid != 0 && ProcessHandle.of(pid).isEmpty())
                .until(() -> Shell.run(command).exit() == 0);
    }

    /** Waits until every connection through it is gone: their ends are part of what was measured. */
    void awaitDrained() {
        List<String> command = new ArrayList<>(client);
        command.addAll(List.of("ss", "-Hnt", "state", "established", "state", "close-wait"));
        command.add("( dst %1$s or src %1$s or dst %2$s or src %2$s )".formatted(host, backend));
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(20))
                .atMost(Duration.ofSeconds(20))
                .until(() -> Shell.run(command).out().isBlank());
    }

    /** Lets it run, or keeps it from running: who is not measured must not use the core of who is. */
    void freeze(boolean frozen) {
        if (pid != 0) {
            Shell.must("kill", frozen ? "-STOP" : "-CONT", Long.toString(pid));
        }
    }
}
