package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a connection costs with podlb, with its peers, with the kernel, and with nothing in between. */
@Command(
        name = "tcp.sh",
        description =
                "Measures the data path of podlb and of its peers on loopback; lb-e2e/bench/README.md explains it.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class TcpBenchmark implements Callable<Integer> {

    /** Two samples in succession near each other end it; this many end it anyway. */
    private static final int MOST_WARM_UPS = 10;

    @Option(names = "--workloads", split = ",", paramLabel = "NAME", description = "Out of ${DEFAULT-VALUE}.")
    private List<String> workloads = List.of("keep-alive", "connections", "bulk");

    @Option(
            names = "--proxies",
            split = ",",
            paramLabel = "NAME",
            description = "Rows, in their order; podlb-TRANSPORT takes the label of --jar for podlb.")
    private List<String> proxies = List.of(
            "podlb-io_uring", "podlb-epoll", "podlb-nio", "haproxy", "haproxy-splice", "nginx", "nat", "direct");

    @Option(names = "--rounds", description = "Samples of each proxy.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Length of a sample.")
    private int seconds = 3;

    @Option(
            names = "--jar",
            paramLabel = "LABEL=FILE",
            description = "A build of podlb and what its rows begin with; may be given more than once.",
            defaultValue = "podlb=lb-control/target/lb.jar")
    private Map<String, Path> jars = new LinkedHashMap<>();

    @Option(names = "--java", paramLabel = "FILE", description = "The JVM that runs podlb (default: that of this run).")
    private Path java = Path.of(System.getProperty("java.home"), "bin", "java");

    @Option(names = "--java-flags", description = "Words for that JVM, separated by spaces.")
    private String javaFlags = "";

    @Option(names = "--json", paramLabel = "FILE", description = "Where raw samples go.")
    private Path json = Path.of("lb-e2e/target/tcp.json");

    private final Ticker ticker = Ticker.systemTicker();

    private TcpBenchmark() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TcpBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        long start = ticker.nanoTime();
        Map<String, Object> environment = Environment.describe();
        environment.put("podlb java", String.join(" ", javaCommand()));
        environment.put("rounds", rounds);
        Report report = new Report(System.out, environment);
        Path home = Files.createTempDirectory("podlb-bench");
        for (String name : workloads) {
            for (Workload workload : workloads(name, home)) {
                run(workload, home, report);
            }
        }
        report.note("%n%d s; raw samples are in %s; logs are in %s"
                .formatted((ticker.nanoTime() - start) / 1_000_000_000, json, home));
        Files.createDirectories(json.toAbsolutePath().getParent());
        report.write(json);
        return 0;
    }

    private List<Workload> workloads(String name, Path home) {
        return switch (name) {
            case "keep-alive" -> List.of(Wrk.keepAlive(home, seconds, ticker));
            case "connections" -> List.of(Wrk.newConnections(home, seconds, ticker));
            case "bulk" ->
                List.of(
                        new Bulk(4, false, seconds, ticker),
                        new Bulk(4, true, seconds, ticker),
                        new Bulk(1, false, seconds, ticker),
                        new Bulk(1, true, seconds, ticker));
            default ->
                throw new IllegalArgumentException(
                        "workload: " + name + " (expected: one of keep-alive, connections, bulk)");
        };
    }

    /** Each workload has fresh processes: none is warm from another one. */
    private void run(Workload workload, Path home, Report report) throws Exception {
        try (Candidates candidates = new Candidates(Files.createTempDirectory(home, "run"), jars, javaCommand())) {
            proxies.forEach(candidates::start);
            List<Proxy> ready = candidates.ready();
            Map<String, List<Sample>> warmUps = new LinkedHashMap<>();
            for (Proxy proxy : ready) {
                if (proxy.isJava()) {
                    warmUps.put(
                            proxy.name(),
                            Rounds.untilSteady(() -> alone(workload, proxy), workload.key(), MOST_WARM_UPS));
                }
            }
            Rounds<Proxy> taken = Rounds.interleaved(ready, rounds, proxy -> alone(workload, proxy));
            report.table(
                    workload.title(),
                    workload.figures(),
                    taken,
                    Proxy::name,
                    warmUps,
                    new Report.Comparison(workload.key(), "haproxy"));
            warmUps.forEach((name, samples) -> {
                if (!Rounds.isSteady(samples, workload.key())) {
                    report.note("  " + name + " was not steady after " + samples.size() + " samples");
                }
            });
        }
    }

    private static Sample alone(Workload workload, Proxy proxy) {
        proxy.freeze(false);
        try {
            Sample sample = workload.measure(proxy);
            proxy.awaitDrained();
            return sample;
        } finally {
            proxy.freeze(true);
        }
    }

    private List<String> javaCommand() {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        Arrays.stream(javaFlags.split(" ")).filter(word -> !word.isEmpty()).forEach(command::add);
        return command;
    }
}
