package io.podlb.e2e.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.e2e.NeedsNamespaces;
import io.podlb.e2e.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Every benchmark still runs, from end to end and on next to nothing. Figures are not looked at. */
class BenchmarkSmokeTest {

    /** A proxy, and what is true where it can run. */
    private static final Map<String, String> PEERS = Map.of(
            "haproxy-splice", "command -v haproxy",
            "nginx", "ls /usr/lib/nginx/modules/ngx_stream_module.so",
            "nat", "command -v iptables");

    private static final Map<String, String> WORKLOADS = Map.of(
            "keep-alive", "command -v wrk",
            "connections", "command -v wrk",
            "bulk", "command -v iperf3",
            "idle", "true",
            "open-loop", "true",
            "start", "true");

    @Test
    @NeedsNamespaces
    void everyWorkloadMeasuresEveryProxy(@TempDir Path folder) throws Exception {
        Path json = folder.resolve("tcp.json");
        List<String> proxies = new ArrayList<>(List.of("podlb-epoll"));
        proxies.addAll(there(PEERS));
        List<String> workloads = there(WORKLOADS);
        Shell run = Shell.run(command(json, proxies, workloads), 600);
        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        JsonNode tables = new ObjectMapper().readTree(Files.readString(json)).get("tables");
        assertThat(tables.size()).as(run.out()).isEqualTo(workloads.size() + (workloads.contains("bulk") ? 3 : 0));
        for (JsonNode table : tables) {
            assertThat(table.get("samples").size()).as(table.toString()).isGreaterThanOrEqualTo(proxies.size());
            for (JsonNode samples : table.get("samples")) {
                assertThat(samples.get(0).isEmpty()).as(table.toString()).isFalse();
            }
        }
    }

    private static List<String> command(Path json, List<String> proxies, List<String> workloads) {
        List<String> command = new ArrayList<>();
        command.addAll(
                List.of("unshare", "--net", "--mount", "bash", "-ec", "ip link set dev lo up; exec \"$@\"", "bash"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TcpBenchmark.class.getName()));
        command.addAll(List.of("--jar", "podlb=" + System.getProperty("podlb.jar", "../lb-control/target/lb.jar")));
        command.addAll(List.of("--proxies", String.join(",", proxies), "--workloads", String.join(",", workloads)));
        command.addAll(List.of("--rounds", "1", "--seconds", "0", "--warm-ups", "0", "--one-start"));
        command.addAll(List.of("--connections", "100", "--rate", "200", "--json", json.toString()));
        return command;
    }

    /** What this machine has the tools for; in the strict mode of {@code test.sh}, everything. */
    private static List<String> there(Map<String, String> wanted) {
        return wanted.entrySet().stream()
                .filter(entry -> Boolean.getBoolean("podlb.test.strict")
                        || Shell.run("bash", "-c", entry.getValue()).exit() == 0)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    @Test
    void everyStepRunsUnderJmh() throws Exception {
        var results = new Runner(new OptionsBuilder()
                        .include("io\\.podlb\\.e2e\\.bench\\.jmh\\..*")
                        .forks(0)
                        .warmupIterations(0)
                        .measurementIterations(1)
                        .measurementTime(TimeValue.milliseconds(10))
                        .param("backends", "3")
                        .param("services", "100")
                        .param("transport", "direct", "nio")
                        .shouldFailOnError(true)
                        .build())
                .run();
        assertThat(results.stream().map(RunResult::getPrimaryResult)).isNotEmpty();
    }

    @Test
    void theStartOfALabIsMeasured() {
        Shell run = Shell.run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "io.podlb.kit.StartTimeMain",
                "2");
        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.out()).contains("the first lab: ", "the last 1 of 2: median ");
    }
}
