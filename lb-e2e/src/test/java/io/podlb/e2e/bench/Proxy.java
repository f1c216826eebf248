package io.podlb.e2e.bench;

import io.podlb.e2e.Shell;
import java.util.List;

/**
 * A way from a client to the backend, and what stands in it: a proxy, the kernel, or nothing.
 *
 * @param name its row of the tables
 * @param client what commands of clients are run by, such as {@code ip netns exec NAME}; empty for none
 * @param host the address that clients call
 * @param ports the ports that clients call
 * @param pid the process; 0 where there is none
 * @param isJava whether it has a heap, and is slow before it is warm
 */
record Proxy(String name, List<String> client, String host, Ports ports, long pid, boolean isJava) {

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

    /** Lets it run, or keeps it from running: who is not measured must not use the core of who is. */
    void freeze(boolean frozen) {
        if (pid != 0) {
            Shell.must("kill", frozen ? "-STOP" : "-CONT", Long.toString(pid));
        }
    }
}
