package io.podlb.e2e.bench;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** A mix of requests at a fixed rate below saturation: what a proxy adds to latency, free of queues of its own making. */
final class OpenLoop implements Workload {

    private static final Figure P50 = new Figure("p50 us", 0);
    private static final Figure P99 = new Figure("p99 us", 0);
    private static final Figure P999 = new Figure("p99.9 us", 0);
    private static final Figure LATE = new Figure("sent late p99 us", 0);
    private static final Figure PROCESS = new Figure("CPU us/request", 1);
    private static final Figure CORE = new Figure("core 0 us/request", 1);
    private static final Figure FAILED = new Figure("failed", 0);

    private final int rate;
    private final int seconds;

    /**
     * @param rate requests per second
     * @param seconds that count; one more comes before, for the client to get warm
     */
    OpenLoop(int rate, int seconds) {
        this.rate = rate;
        this.seconds = seconds;
    }

    @Override
    public String title() {
        return "5 open loop: " + rate + " requests/s for " + seconds
                + " s, of ten one on a connection of its own and one for 64 KiB; latency from when each is due";
    }

    @Override
    public List<Figure> figures() {
        return List.of(P50, P99, P999, LATE, PROCESS, CORE, FAILED);
    }

    @Override
    public Figure key() {
        return PROCESS;
    }

    @Override
    public Sample measure(Proxy proxy) {
        CpuTime before = CpuTime.now(proxy.pid());
        String out = Client.run(
                proxy,
                Client.javaCommand(
                        OpenLoopMain.class, proxy.host(), proxy.ports().http(), rate, seconds),
                seconds + 70);
        CpuTime used = CpuTime.now(proxy.pid()).since(before);
        JsonNode result = new ObjectMapper().readTree(out);
        double requests = result.get("requests").asDouble();
        return Sample.EMPTY
                .with(P50, result.get("p50").asDouble())
                .with(P99, result.get("p99").asDouble())
                .with(P999, result.get("p999").asDouble())
                .with(LATE, result.get("late").asDouble())
                .with(PROCESS, proxy.pid() == 0 ? Double.NaN : used.process().toNanos() / 1e3 / requests)
                .with(CORE, used.core().toNanos() / 1e3 / requests)
                .with(FAILED, result.get("failed").asDouble());
    }
}
