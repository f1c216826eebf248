package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import io.podlb.e2e.Shell;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Many open connections on which nothing happens, and then one byte on each. One round only: pages that a process has
 * touched stay its own, so a second round would show next to nothing.
 */
final class IdleConnections implements Workload {

    private static final Figure RSS = new Figure("RSS KiB/connection", 2);
    private static final Figure HEAP = new Figure("live heap KiB/connection", 2);
    private static final Figure NATIVE = new Figure("RSS outside heap KiB/connection", 2);
    private static final Figure TOTAL = new Figure("RSS MiB", 0);
    private static final Figure IDLE = new Figure("idle CPU %", 1);
    private static final Figure OPEN = new Figure("open us/connection", 0);
    private static final Figure TOUCH = new Figure("byte us/connection", 1);
    private static final Figure TOUCH_CPU = new Figure("byte CPU us/connection", 1);

    private final int connections;
    private final Duration idle;
    private final Ticker ticker;

    IdleConnections(int connections, Duration idle, Ticker ticker) {
        this.connections = connections;
        this.idle = idle;
        this.ticker = ticker;
    }

    @Override
    public String title() {
        return "4 idle: " + connections + " connections, " + idle.toSeconds()
                + " s of silence, then one byte to and fro on each; one round";
    }

    @Override
    public List<Figure> figures() {
        return List.of(RSS, HEAP, NATIVE, TOTAL, IDLE, OPEN, TOUCH, TOUCH_CPU);
    }

    @Override
    public Figure key() {
        return RSS;
    }

    @Override
    public int mostRounds() {
        return 1;
    }

    @Override
    public boolean needsWarmth() {
        return false;
    }

    @Override
    public Sample measure(Proxy proxy) {
        try (Client client =
                Client.start(proxy, IdleMain.class, proxy.host(), proxy.ports().echo())) {
            // What the first connections bring in stays out of the difference: classes, pools, compiled code.
            client.ask("open " + connections / 10);
            client.ask("close");
            proxy.awaitDrained();
            Memory before = Memory.of(proxy);
            double open = client.ask("open " + connections).get("nanos").asDouble();
            Memory after = Memory.of(proxy);
            CpuTime start = CpuTime.now(proxy.pid());
            long silence = ticker.nanoTime() + idle.toNanos();
            for (long left = idle.toNanos(); left > 0; left = silence - ticker.nanoTime()) {
                LockSupport.parkNanos(left); // the silence that is offered, not a wait for something
            }
            CpuTime silent = CpuTime.now(proxy.pid()).since(start);
            CpuTime untouched = CpuTime.now(proxy.pid());
            double touch = client.ask("touch").get("nanos").asDouble();
            CpuTime touched = CpuTime.now(proxy.pid()).since(untouched);
            Sample sample = Sample.EMPTY.with(OPEN, open / 1e3 / connections).with(TOUCH, touch / 1e3 / connections);
            if (proxy.pid() == 0) {
                return sample;
            }
            double perConnection = 1.0 / connections;
            return sample.with(RSS, (after.rssKib - before.rssKib) * perConnection)
                    .with(HEAP, (after.liveKib - before.liveKib) * perConnection)
                    .with(NATIVE, (after.outsideHeapKib() - before.outsideHeapKib()) * perConnection)
                    .with(TOTAL, after.rssKib / 1024.0)
                    .with(IDLE, 100.0 * silent.process().toNanos() / idle.toNanos())
                    .with(TOUCH_CPU, touched.process().toNanos() / 1e3 * perConnection);
        }
    }

    /** Memory of a process in KiB; of a JVM after a full collection, NaN where there is no heap. */
    private record Memory(double rssKib, double liveKib, double heapRssKib) {

        static Memory of(Proxy proxy) {
            if (proxy.pid() == 0) {
                return new Memory(Double.NaN, Double.NaN, Double.NaN);
            }
            if (!proxy.isJava()) {
                return new Memory(CpuTime.statusKib(proxy.pid(), "VmRSS"), Double.NaN, Double.NaN);
            }
            String pid = Long.toString(proxy.pid());
            Shell.must("jcmd", pid, "GC.run");
            JavaHeap heap = JavaHeap.of(Shell.must("jcmd", pid, "GC.heap_info"));
            return new Memory(CpuTime.statusKib(proxy.pid(), "VmRSS"), heap.usedKib(), heap.residentKib(proxy.pid()));
        }

        double outsideHeapKib() {
            return rssKib - heapRssKib;
        }
    }
}
