package io.podlb.e2e;

import java.nio.file.Path;
import java.util.List;

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

    private final Namespaces namespaces;

    Lab(Path folder) {
        namespaces = new Namespaces("", folder);
        namespaces.add("node");
        in("node", "ip", "link", "add", "pods", "type", "bridge");
        in("node", "ip", "address", "add", "10.244.0.1/24", "dev", "pods");
        in("node", "ip", "link", "set", "pods", "up");
        in("node", "sysctl", "-qw", "net.ipv4.ip_forward=1");
        namespaces.add("client");
        namespaces.connect("client", "node", "uplink");
        in("node", "ip", "address", "add", NODE_ADDRESS + "/24", "dev", "uplink");
        in("client", "ip", "address", "add", "192.168.77.2/24", "dev", "eth0");
        in("client", "ip", "route", "add", "default", "via", NODE_ADDRESS);
    }

    /** A namespace beside the node that is no Pod and no client of Services: 192.168.78.1, the node being 192.168.78.2. */
    String addControlPlane() {
        namespaces.add("api");
        namespaces.connect("api", "node", "control");
        in("api", "ip", "address", "add", "192.168.78.1/24", "dev", "eth0");
        in("node", "ip", "address", "add", "192.168.78.2/24", "dev", "control");
        return "192.168.78.1";
    }

    List<String> prefix(String name) {
        return namespaces.prefix(name);
    }

    String in(String name, String... command) {
        return namespaces.in(name, command);
    }

    /** A Pod that runs nginx on port 80, which answers with the name of the Pod. */
    void addPod(String name, String address) {
        addIdlePod(name, address);
        startPod(name, address);
    }

    /** A Pod that runs nothing yet. */
    void addIdlePod(String name, String address) {
        namespaces.add(name);
        namespaces.plug(name, "node", "pods");
        in(name, "ip", "address", "add", address + "/24", "dev", "eth0");
        in(name, "ip", "route", "add", "default", "via", "10.244.0.1");
    }

    /** Starts the nginx of a Pod that is there. */
    void startPod(String name, String address) {
        namespaces.startNginx(name, 80);
        namespaces.awaitNginx("node", address);
    }

    /** Kills the nginx of a Pod; its address stays, so that connects are refused. */
    void killPod(String name) {
        namespaces.killNginx(name);
    }

    /** One HTTP request from a namespace; the exit status is curl's: 7 refused, 56 reset. */
    Shell curl(String from, String address) {
        return namespaces.curl(from, address);
    }

    @Override
    public void close() {
        namespaces.close();
    }
}
