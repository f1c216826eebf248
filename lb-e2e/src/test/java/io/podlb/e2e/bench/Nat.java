package io.podlb.e2e.bench;

import io.podlb.e2e.Shell;
import io.podlb.e2e.bench.Proxy.Ports;
import java.util.List;

/**
 * The kernel in place of a proxy: a client, a router and a backend, each a network namespace, and one DNAT rule for each
 * port in the router. Packets that reach the router are handled on the core of the proxies, all others on the other
 * one, so that the load of that core is what the kernel needs.
 *
 * <pre>
 *   client 10.71.0.2 -- 10.71.0.1 router 10.72.0.1 -- 10.72.0.2 backend
 * </pre>
 */
final class Nat implements AutoCloseable {

    static final String SERVICE = "10.73.0.1";

    private static final String BACKEND = "10.72.0.2";

    private final String prefix = "bench" + ProcessHandle.current().pid();

    Nat() {
        for (String name : List.of("client", "router", "backend")) {
            Shell.must("ip", "netns", "add", prefix + name);
            in(name, "ip link set dev lo up");
            in(name, System.getProperty("bench.sysctl", ":")); // those that the namespace of all others has
        }
        connect("client", "10.71.0");
        connect("backend", "10.72.0");
        in("router", "sysctl -qw net.ipv4.ip_forward=1");
        Ports from = Ports.FRONT;
        Ports to = Ports.BACKEND;
        translate(from.http(), to.http());
        translate(from.bulk(), to.bulk());
        translate(from.echo(), to.echo());
    }

    private void connect(String name, String net) {
        String peer = "to-" + name;
        in("router", "ip link add dev " + peer + " type veth peer name eth0 netns " + prefix + name);
        in("router", "ip address add " + net + ".1/24 dev " + peer + " && ip link set dev " + peer + " up");
        in(name, "ip address add " + net + ".2/24 dev eth0 && ip link set dev eth0 up");
        in(name, "ip route add default via " + net + ".1");
        receiveOn("router", peer, CpuTime.PROXY_CORE);
        receiveOn(name, "eth0", CpuTime.OTHER_CORE);
    }

    private void receiveOn(String name, String device, int core) {
        in(name, "echo " + (1 << core) + " > /sys/class/net/" + device + "/queues/rx-0/rps_cpus");
    }

    private void translate(int from, int to) {
        in(
                "router",
                "iptables -t nat -A PREROUTING -d " + SERVICE + " -p tcp --dport " + from + " -j DNAT --to-destination "
                        + BACKEND + ":" + to);
    }

    private void in(String name, String script) {
        Shell.must("ip", "netns", "exec", prefix + name, "sh", "-ec", script);
    }

    List<String> inClient() {
        return List.of("ip", "netns", "exec", prefix + "client");
    }

    List<String> inBackend() {
        return List.of("ip", "netns", "exec", prefix + "backend");
    }

    @Override
    public void close() {
        for (String name : List.of("client", "router", "backend")) {
            Shell.run("ip", "netns", "del", prefix + name);
        }
    }
}
