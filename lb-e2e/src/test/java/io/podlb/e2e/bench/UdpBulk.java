package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;

/**
 * Large datagrams one way, in one flow. No more are on their way than fit into every socket's receive buffer, so none is
 * lost and each that was worked for is counted.
 */
final class UdpBulk implements Workload {

    private static final Figure RATE = new Figure("datagrams/s", 0);
    private static final Figure PROCESS = new Figure("CPU µs/datagram", 2);
    private static final Figure CORE = new Figure("core 0 µs/datagram", 2);
    private static final Figure BUSY = new Figure("core 0 busy %", 0);
    private static final Figure LOST = new Figure("lost", 0);

    private static final int BYTES = 1200;
    private static final int WINDOW = 64;
    private static final long PATIENCE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long MOST_DATAGRAMS = 10_000_000;

    private final Duration length;
    private final Ticker ticker;

    /** For that long, or until {@value #MOST_DATAGRAMS} datagrams have come. */
    UdpBulk(Duration length, Ticker ticker) {
        this.length = length;
        this.ticker = ticker;
    }

    @Override
    public String title() {
        return "bulk: one way, one flow, " + BYTES + " bytes, " + WINDOW + " on their way, " + length.toSeconds()
                + " s a round";
    }

    @Override
    public List<Figure> figures() {
        return List.of(RATE, PROCESS, CORE, BUSY, LOST);
    }

    @Override
    public Figure key() {
        return PROCESS;
    }

    @Override
    public Sample measure(Proxy proxy) {
        try (Selector selector = Selector.open();
                UdpBackend backend = new UdpBackend(selector);
                DatagramChannel client = DatagramChannel.open()) {
            client.connect(new InetSocketAddress(
                    InetAddress.getByName(proxy.host()), proxy.ports().bulk()));
            CpuTime before = CpuTime.now(proxy.pid());
            long start = ticker.nanoTime();
            long lost = run(selector, backend, client, start + length.toNanos());
            CpuTime used = CpuTime.now(proxy.pid()).since(before);
            Duration wall = Duration.ofNanos(ticker.nanoTime() - start);
            double datagrams = backend.received();
            return Sample.EMPTY
                    .with(RATE, datagrams * 1e9 / wall.toNanos())
                    .with(
                            PROCESS,
                            proxy.pid() == 0 ? Double.NaN : used.process().toNanos() / 1e3 / datagrams)
                    .with(CORE, used.core().toNanos() / 1e3 / datagrams)
                    .with(BUSY, 100.0 * used.core().toNanos() / wall.toNanos())
                    .with(LOST, lost);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long run(Selector selector, UdpBackend backend, DatagramChannel client, long end) throws IOException {
        ByteBuffer datagram = ByteBuffer.allocateDirect(BYTES);
        long lost = 0;
        long sent = 0;
        long last = ticker.nanoTime();
        for (long now = last; now < end && sent < MOST_DATAGRAMS; now = ticker.nanoTime()) {
            while (sent - lost - backend.received() < WINDOW) {
                client.write(datagram.clear());
                sent++;
            }
            long before = backend.received();
            selector.select(
                    key -> {
                        try {
                            backend.read(key);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    },
                    10);
            if (backend.received() > before) {
                last = now;
            } else if (now - last > PATIENCE_NANOS) {
                lost = sent - before;
                last = now;
            }
        }
        return lost;
    }
}
