package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Small HTTP requests as fast as they are answered, by wrk, 50 at a time. */
final class Wrk implements Workload {

    private static final Figure ERRORS = new Figure("errors", 0);
    private static final Figure BUSY = new Figure("core 0 busy %", 0);
    private static final Figure P50 = new Figure("p50 us", 0);
    private static final Figure P99 = new Figure("p99 us", 0);
    private static final Figure P999 = new Figure("p99.9 us", 0);

    /** Called by wrk once, at the end. */
    private static final String SUMMARY = """
            done = function(summary, latency, requests)
              local e = summary.errors
              print(string.format(
                '{"requests": %d, "micros": %d, "errors": %d, "p50": %d, "p99": %d, "p999": %d}',
                summary.requests, summary.duration, e.connect + e.read + e.write + e.status + e.timeout,
                latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
            end
            """;

    private final boolean keepAlive;
    private final int seconds;
    private final Path script;
    private final Ticker ticker;
    private final Figure rate;
    private final Figure processMicros;
    private final Figure coreMicros;

    private Wrk(Path home, boolean keepAlive, int seconds, Ticker ticker) {
        this.keepAlive = keepAlive;
        this.seconds = seconds;
        this.ticker = ticker;
        String unit = keepAlive ? "request" : "connection";
        this.rate = new Figure(unit + "s/s", 0);
        this.processMicros = new Figure("CPU us/" + unit, 1);
        this.coreMicros = new Figure("core 0 us/" + unit, 1);
        try {
            this.script = Files.writeString(home.resolve("summary.lua"), SUMMARY);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One request after the other on each of 50 connections. */
    static Wrk keepAlive(Path home, int seconds, Ticker ticker) {
        return new Wrk(home, true, seconds, ticker);
    }

    /** A connection for each request. */
    static Wrk newConnections(Path home, int seconds, Ticker ticker) {
        return new Wrk(home, false, seconds, ticker);
    }

    @Override
    public String title() {
        return keepAlive
                ? "1 keep-alive: 50 connections, one small request after the other on each, " + seconds + " s a round"
                : "2 connections: 50 at a time, one small request on each, " + seconds + " s a round";
    }

    @Override
    public List<Figure> figures() {
        return List.of(rate, P50, P99, P999, processMicros, coreMicros, BUSY, ERRORS);
    }

    @Override
    public Figure key() {
        return processMicros;
    }

    @Override
    public Sample measure(Proxy proxy) {
        List<String> command = new ArrayList<>(List.of("wrk", "-t1", "-c50", "-d" + seconds, "-s", script.toString()));
        if (!keepAlive) {
            command.addAll(List.of("-H", "Connection: close"));
        }
        command.add("http://" + proxy.host() + ":" + proxy.ports().http() + "/");
        CpuTime before = CpuTime.now(proxy.pid());
        long start = ticker.nanoTime();
        String out = Client.run(proxy, command, seconds + 20);
        CpuTime used = CpuTime.now(proxy.pid()).since(before);
        Duration wall = Duration.ofNanos(ticker.nanoTime() - start);
        JsonNode summary = new ObjectMapper().readTree(out.substring(out.indexOf('{')));
        double requests = summary.get("requests").asLong();
        return Sample.EMPTY
                .with(rate, requests * 1e6 / summary.get("micros").asLong())
                .with(P50, summary.get("p50").asLong())
                .with(P99, summary.get("p99").asLong())
                .with(P999, summary.get("p999").asLong())
                .with(
                        processMicros,
                        proxy.pid() == 0 ? Double.NaN : used.process().toNanos() / 1e3 / requests)
                .with(coreMicros, used.core().toNanos() / 1e3 / requests)
                .with(BUSY, 100.0 * used.core().toNanos() / wall.toNanos())
                .with(ERRORS, summary.get("errors").asLong());
    }
}
