package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a datagram costs with podlb, with nginx, and with nothing in between. */
@Command(
        name = "udp.sh",
        description = "Measures the UDP path of podlb and of nginx on loopback; lb-e2e/bench/README.md explains it.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class UdpBenchmark implements Callable<Integer> {

    /** Two samples in succession near each other end it; this many end it anyway. */
    private static final int MOST_WARM_UPS = 10;

    @Option(names = "--workloads", split = ",", paramLabel = "NAME", description = "Out of ${DEFAULT-VALUE}.")
    private List<String> workloads = List.of("kept", "new", "bulk");

    @Option(names = "--proxies", split = ",", paramLabel = "NAME", description = "Rows, in their order.")
    private List<String> proxies =
            List.of("podlb-epoll", "podlb-nio", "podlb-epoll-dns", "nginx", "nginx-open", "direct");

    @Option(names = "--rounds", description = "Samples of each proxy.")
    private int rounds = 5;

    @Option(names = "--seconds", description = "Length of a sample.")
    private int seconds = 2;

    @Option(names = "--jar", paramLabel = "FILE", description = "The build of podlb.")
    private Path jar = Path.of("lb-control/target/lb.jar");

    @Option(names = "--json", paramLabel = "FILE", description = "Where raw samples go.")
    private Path json = Path.of("lb-e2e/target/udp.json");

    private final Ticker ticker = Ticker.systemTicker();

    private UdpBenchmark() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new UdpBenchmark()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Map<String, Object> environment = Environment.describe();
        environment.put("rounds", rounds);
        Report report = new Report(System.out, environment);
        Path home = Files.createTempDirectory("podlb-bench");
        for (String name : workloads) {
            run(workload(name), home, report);
        }
        report.note("%nraw samples are in %s; logs are in %s".formatted(json, home));
        Files.createDirectories(json.toAbsolutePath().getParent());
        report.write(json);
        return 0;
    }

    private Workload workload(String name) {
        Duration length = Duration.ofSeconds(seconds);
        return switch (name) {
            case "kept" -> new UdpExchange(50, false, length, ticker);
            case "new" -> new UdpExchange(16, true, length, ticker);
            case "bulk" -> new UdpBulk(length, ticker);
            default -> throw new IllegalArgumentException("workload: " + name + " (expected: one of kept, new, bulk)");
        };
    }

    /** Each workload has fresh processes: none is warm from another one. */
    private void run(Workload workload, Path home, Report report) throws Exception {
        try (UdpCandidates candidates = new UdpCandidates(Files.createTempDirectory(home, "run"), jar)) {
            proxies.forEach(candidates::start);
            List<Proxy> ready = candidates.ready(new UdpExchange(1, false, Duration.ofSeconds(1), ticker));
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
                    new Report.Comparison(workload.key(), "nginx"));
            warmUps.forEach((name, samples) -> report.note("  " + name
                    + (Rounds.isSteady(samples, workload.key()) ? " was steady after " : " was not steady after ")
                    + samples.size() + " samples"));
        }
    }

    private static Sample alone(Workload workload, Proxy proxy) {
        proxy.freeze(false);
        try {
            return workload.measure(proxy);
        } finally {
            proxy.freeze(true);
        }
    }
}
