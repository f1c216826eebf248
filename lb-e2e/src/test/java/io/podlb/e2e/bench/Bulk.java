package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Bytes in long streams, by iperf3. */
final class Bulk implements Workload {

    private static final Figure RATE = new Figure("GB/s", 2);
    private static final Figure PROCESS = new Figure("CPU ms/GiB", 0);
    private static final Figure CORE = new Figure("core 0 ms/GiB", 0);
    private static final Figure BUSY = new Figure("core 0 busy %", 0);

    private final int streams;
    private final boolean download;
    private final int seconds;
    private final Ticker ticker;

    /**
     * Streams that all send at once for that long; for 0 s, a MiB.
     *
     * @param download from the backend to the client rather than the other way
     */
    Bulk(int streams, boolean download, int seconds, Ticker ticker) {
        this.streams = streams;
        this.download = download;
        this.seconds = seconds;
        this.ticker = ticker;
    }

    @Override
    public String title() {
        return "3 bulk: " + (streams == 1 ? "1 stream" : streams + " streams") + " to the "
                + (download ? "client" : "backend") + ", " + seconds + " s a round";
    }

    @Override
    public List<Figure> figures() {
        return List.of(RATE, PROCESS, CORE, BUSY);
    }

    @Override
    public Figure key() {
        return PROCESS;
    }

    @Override
    public Sample measure(Proxy proxy) {
        List<String> command = new ArrayList<>(List.of("iperf3", "-J", "-c", proxy.host()));
        command.addAll(List.of("-p", Integer.toString(proxy.ports().bulk())));
        command.addAll(List.of("-P", Integer.toString(streams)));
        command.addAll(seconds == 0 ? List.of("-n", "1M") : List.of("-t", Integer.toString(seconds)));
        if (download) {
            command.add("-R");
        }
        CpuTime before = CpuTime.now(proxy.pid());
        long start = ticker.nanoTime();
        String out = Client.run(proxy, command, seconds + 20);
        CpuTime used = CpuTime.now(proxy.pid()).since(before);
        Duration wall = Duration.ofNanos(ticker.nanoTime() - start);
        JsonNode received = new ObjectMapper().readTree(out).path("end").get("sum_received");
        if (received == null) {
            throw new IllegalStateException(proxy.name() + ": " + String.join(" ", command) + ": " + out);
        }
        double gib = received.get("bytes").asDouble() / (1 << 30);
        return Sample.EMPTY
                .with(RATE, received.get("bits_per_second").asDouble() / 8e9)
                .with(PROCESS, proxy.pid() == 0 ? Double.NaN : used.process().toNanos() / 1e6 / gib)
                .with(CORE, used.core().toNanos() / 1e6 / gib)
                .with(BUSY, 100.0 * used.core().toNanos() / wall.toNanos());
    }
}
