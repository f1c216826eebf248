package io.podlb.e2e.bench;

import io.podlb.e2e.Shell;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a figure depends on beside the code: machine, kernel, versions. */
final class Environment {

    private Environment() {}

    static Map<String, Object> describe() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put(
                "podlb commit",
                first("git rev-parse --short HEAD") + first("git diff --quiet HEAD || echo ' changed'"));
        facts.put("kernel", first("uname -srm"));
        facts.put(
                "processor",
                first("grep -c ^processor /proc/cpuinfo") + " x "
                        + first("sed -n 's/^model name.*: //p' /proc/cpuinfo"));
        facts.put("harness java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("haproxy", first("haproxy -v"));
        facts.put("nginx", first("nginx -v"));
        facts.put("wrk", first("wrk -v"));
        facts.put("iperf3", first("iperf3 -v"));
        facts.put("descriptors", first("ulimit -n"));
        facts.put("congestion", first("sysctl -n net.ipv4.tcp_congestion_control"));
        facts.put("load before", first("cut -d' ' -f1-3 /proc/loadavg"));
        return facts;
    }

    private static String first(String command) {
        // wrk -v ends with 1: only what is said counts.
        return Shell.run("bash", "-c", "{ " + command + "; } 2>&1")
                .out()
                .lines()
                .findFirst()
                .orElse("");
    }
}
