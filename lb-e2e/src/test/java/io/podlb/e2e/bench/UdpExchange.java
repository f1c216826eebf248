package io.podlb.e2e.bench;

import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Small questions and their answers: clients that each send the next one when the last one is answered. */
final class UdpExchange implements Workload {

    private static final Figure RATE = new Figure("answers/s", 0);
    private static final Figure PROCESS = new Figure("CPU µs/datagram", 2);
    private static final Figure CORE = new Figure("core 0 µs/datagram", 2);
    private static final Figure BUSY = new Figure("core 0 busy %", 0);
    private static final Figure LOST = new Figure("lost", 0);

    private static final int BYTES = 64;
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration IDLE = Duration.ofMillis(2_000); // twice what every proxy is told
    private static final long PATIENCE_NANOS = Duration.ofMillis(250).toNanos();
    private static final long MOST_ANSWERS = 5_000_000;

    private final int clients;
    private final boolean fresh;
    private final Duration length;
    private final Ticker ticker;
    private final ByteBuffer question = question();
    private final ByteBuffer answer = ByteBuffer.allocateDirect(BYTES);
    private int addresses; // of fresh clients, so far

    /**
     * That many at a time, for that long, or until {@value #MOST_ANSWERS} answers have come.
     *
     * @param fresh each question comes from a client of its own, with a port and an address that nobody had lately
     */
    UdpExchange(int clients, boolean fresh, Duration length, Ticker ticker) {
        this.clients = clients;
        this.fresh = fresh;
        this.length = length;
        this.ticker = ticker;
    }

    @Override
    public String title() {
        return (fresh
                        ? "new flows: " + clients + " at a time, one question and its answer each"
                        : "kept flows: " + clients)
                + ", " + BYTES + " bytes, " + length.toSeconds() + " s a round";
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
                UdpBackend backend = new UdpBackend(selector)) {
            InetSocketAddress target = new InetSocketAddress(
                    InetAddress.getByName(proxy.host()), proxy.ports().echo());
            List<Client> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                all.add(new Client(selector, target));
            }
            CpuTime before = CpuTime.now(proxy.pid());
            long start = ticker.nanoTime();
            Totals totals = run(selector, backend, all, start + length.toNanos());
            Duration wall = Duration.ofNanos(ticker.nanoTime() - start);
            Duration busy = CpuTime.now(proxy.pid()).since(before).core();
            for (Client client : all) {
                client.channel.close();
            }
            if (fresh) {
                awaitEnds(selector, backend, totals);
            }
            CpuTime used = CpuTime.now(proxy.pid()).since(before);
            double datagrams = 2.0 * totals.answers;
            return Sample.EMPTY
                    .with(RATE, totals.answers * 1e9 / wall.toNanos())
                    .with(
                            PROCESS,
                            proxy.pid() == 0 ? Double.NaN : used.process().toNanos() / 1e3 / datagrams)
                    .with(CORE, used.core().toNanos() / 1e3 / datagrams)
                    .with(BUSY, 100.0 * busy.toNanos() / wall.toNanos())
                    .with(LOST, totals.lost);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flows that have been idle for a second end: that is part of what each of them costs. */
    private void awaitEnds(Selector selector, UdpBackend backend, Totals totals) throws IOException {
        long end = ticker.nanoTime() + IDLE.toNanos();
        while (ticker.nanoTime() < end) {
            selector.select(key -> read(key, backend, totals), 100);
        }
    }

    /** Waits until a question is answered. */
    void awaitAnswer(Proxy proxy) {
        try (Selector selector = Selector.open();
                UdpBackend backend = new UdpBackend(selector)) {
            InetSocketAddress target = new InetSocketAddress(
                    InetAddress.getByName(proxy.host()), proxy.ports().echo());
            long end = ticker.nanoTime() + START.toNanos();
            while (ticker.nanoTime() < end) {
                Client client = new Client(selector, target);
                Totals totals = run(selector, backend, List.of(client), ticker.nanoTime() + PATIENCE_NANOS);
                client.channel.close();
                if (totals.answers > 0) {
                    return;
                }
            }
            throw new IllegalStateException(proxy.name() + " gives no answer");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A DNS request of that size, for those who balance each of them. */
    private static ByteBuffer question() {
        ByteBuffer question = ByteBuffer.allocateDirect(BYTES);
        question.putLong(0x0000_0100_0001_0000L).putInt(0); // header: recursion desired, one question
        for (String label : new String[] {"a-label-of-some-octets", "and-another-one-of-them", ""}) {
            question.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return question.putShort((short) 1).putShort((short) 1); // A, IN
    }

    private static final class Totals {
        private long answers;
        private long lost;
    }

    private Totals run(Selector selector, UdpBackend backend, List<Client> all, long end) throws IOException {
        Totals totals = new Totals();
        for (Client client : all) {
            client.ask();
        }
        long patience = ticker.nanoTime() + PATIENCE_NANOS;
        for (long now = ticker.nanoTime(); now < end && totals.answers < MOST_ANSWERS; now = ticker.nanoTime()) {
            selector.select(key -> read(key, backend, totals), 10);
            if (now > patience) {
                patience = now + PATIENCE_NANOS;
                for (Client client : all) {
                    if (now - client.asked > PATIENCE_NANOS) {
                        totals.lost++;
                        client.ask();
                    }
                }
            }
        }
        return totals;
    }

    private void read(SelectionKey key, UdpBackend backend, Totals totals) {
        try {
            if (key.attachment() instanceof Client client) {
                if (client.isAnswered()) {
                    totals.answers++;
                    if (fresh) {
                        client.renew();
                    }
                    client.ask();
                }
            } else {
                backend.read(key);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private final class Client {
        private final Selector selector;
        private final InetSocketAddress target;
        private DatagramChannel channel;
        private long asked;

        Client(Selector selector, InetSocketAddress target) throws IOException {
            this.selector = selector;
            this.target = target;
            this.channel = open();
        }

        private DatagramChannel open() throws IOException {
            DatagramChannel next = DatagramChannel.open();
            next.configureBlocking(false);
            if (fresh) {
                int number = addresses++;
                byte[] own = {127, 98, (byte) (number >> 8), (byte) number}; // all of 127.0.0.0/8 is local
                next.bind(new InetSocketAddress(InetAddress.getByAddress(own), 0));
            }
            next.connect(target);
            next.register(selector, SelectionKey.OP_READ, this);
            return next;
        }

        void renew() throws IOException {
            channel.close();
            channel = open();
        }

        void ask() throws IOException {
            asked = ticker.nanoTime();
            try {
                channel.write(question.clear());
            } catch (PortUnreachableException e) {
                // Nobody is there yet: that is what awaitAnswer waits for; elsewhere it is counted as lost.
            }
        }

        boolean isAnswered() throws IOException {
            try {
                return channel.read(answer.clear()) == BYTES;
            } catch (PortUnreachableException e) {
                return false; // as above
            }
        }
    }
}
