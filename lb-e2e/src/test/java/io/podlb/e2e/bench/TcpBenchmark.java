package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
    private List<String> workloads = List.of("keep-alive", "connections", "bulk", "idle", "open-loop", "start");

    @Option(
            names = "--proxies",
            split = ",",
            paramLabel = "NAME",
            description = "Rows, in their order; podlb-TRANSPORT takes the label of --jar for podlb.")
    private List<String> proxies = List.of(
            "podlb-io_uring", "podlb-epoll", "podlb-nio", "haproxy", "haproxy-splice", "nginx", "nat", "direct");

    @Option(names = "--rounds", description = "Samples of each proxy.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Length of a sample; 0: as short as can be.")
    private int seconds = 2;

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

    @Option(names = "--connections", description = "Idle connections; each takes two descriptors of a proxy.")
    private int connections = 9_000;

    @Option(names = "--rate", description = "Requests per second of the open loop.")
    private int rate = 5_000;

    @Option(
            names = "--warm-ups",
            description = "Samples before the first that counts, unless two in succession are near each other earlier.")
    private int mostWarmUps = 10;

    @Option(names = "--one-start", description = "The same processes for all workloads: quicker, and less exact.")
    private boolean oneStart;

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
        List<List<Workload>> groups = new ArrayList<>();
        for (String name : workloads) {
            groups.add(workloads(name, home));
        }
        if (oneStart) {
            groups = List.of(groups.stream().flatMap(List::stream).toList());
        }
        for (List<Workload> group : groups) {
            run(group, home, report);
        }
        if (workloads.contains("start")) {
            start(home, report);
        }
        Files.createDirectories(json.toAbsolutePath().getParent());
        report.write(json);
        report.note("%n%d s; raw samples are in %s; logs are in %s"
                .formatted((ticker.nanoTime() - start) / 1_000_000_000, json, home));
        return 0;
    }

    private List<Workload> workloads(String name, Path home) {
        int bulkSeconds = (seconds + 1) / 2;
        int least = Math.max(1, seconds);
        return switch (name) {
            case "keep-alive" -> List.of(Wrk.keepAlive(home, least, ticker));
            case "connections" -> List.of(Wrk.newConnections(home, least, ticker));
            case "bulk" ->
                List.of(
                        new Bulk(4, false, bulkSeconds, ticker),
                        new Bulk(4, true, bulkSeconds, ticker),
                        new Bulk(1, false, bulkSeconds, ticker),
                        new Bulk(1, true, bulkSeconds, ticker));
            case "idle" -> List.of(new IdleConnections(connections, Duration.ofSeconds(seconds), ticker));
            case "open-loop" -> List.of(new OpenLoop(rate, least));
            case "start" -> List.of();
            default ->
                throw new IllegalArgumentException("workload: " + name
                        + " (expected: one of keep-alive, connections, bulk, idle, open-loop, start)");
        };
    }

    /** Workloads on the same processes, which nothing but them has warmed. */
    private void run(List<Workload> group, Path home, Report report) throws Exception {
        if (group.isEmpty()) {
            return;
        }
        try (Candidates candidates = new Candidates(Files.createTempDirectory(home, "run"), jars, javaCommand())) {
            proxies.forEach(candidates::start);
            List<Proxy> ready = candidates.ready();
            for (Workload workload : group) {
                run(workload, ready, report);
            }
        }
    }

    private void run(Workload workload, List<Proxy> ready, Report report) {
        Map<String, List<Sample>> warmUps = new LinkedHashMap<>();
        for (Proxy proxy : ready) {
            if (proxy.isJava() && workload.needsWarmth()) {
                warmUps.put(
                        proxy.name(), Rounds.untilSteady(() -> alone(workload, proxy), workload.key(), mostWarmUps));
            }
        }
        Rounds<Proxy> taken =
                Rounds.interleaved(ready, Math.min(rounds, workload.mostRounds()), proxy -> alone(workload, proxy));
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

    private void start(Path home, Report report) throws Exception {
        Path own = Files.createTempDirectory(home, "start");
        try (Backend backend = new Backend(own.resolve("backend"), List.of())) {
            StartTime start = new StartTime(own, java.toString(), jars, proxies, ticker);
            report.table(
                    "6 start: from the start of the process until its first connection is served",
                    List.of(StartTime.ANSWER, StartTime.CPU, StartTime.RSS),
                    Rounds.interleaved(start.rows(), rounds, start::measure),
                    Function.identity(),
                    Map.of(),
                    new Report.Comparison(StartTime.ANSWER, "haproxy"));
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
