package io.podlb.server.relay;

import io.netty.util.concurrent.Ticker;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.UdpBackend;
import io.podlb.server.UdpRig;
import io.podlb.server.service.FlowMode;
import io.podlb.server.service.FlowSpec;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What DNS requests cost per client and per datagram: processor time of podlb's event loop and descriptors, with clients
 * that use a new port for each request, as resolvers and {@code dig} do. Not a test; run its {@link #main}:
 *
 * <pre>{@code
 * mvn -o -q -pl lb-server test-compile dependency:build-classpath -Dmdep.outputFile=target/classpath
 * cd lb-server && java -cp target/test-classes:target/classes:$(cat target/classpath) \
 *     io.podlb.server.relay.ExchangeBenchmark [REQUESTS [TRANSPORT]]
 * }</pre>
 *
 * <p>One event loop, two backends, 32 requests at a time. The order alternates, and the first round of each is not
 * counted.
 */
public final class ExchangeBenchmark {

    private static final int WINDOW = 32;
    private static final int ROUNDS = 5;
    private static final Ticker TICKER = Ticker.systemTicker();
    private static final byte[] REQUEST = Dns.request(4711, "www.example.org", "x");

    private ExchangeBenchmark() {}

    private record Result(double cpuMicros, double perSecond, long descriptors, long unanswered) {}

    public static void main(String[] args) throws IOException {
        int requests = args.length > 0 ? Integer.parseInt(args[0]) : 20_000;
        String transport = args.length > 1 ? args[1] : null;
        List<Result> perClient = new ArrayList<>();
        List<Result> perDatagram = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            perClient.add(run(FlowMode.PER_CLIENT, requests, transport));
            perDatagram.add(run(FlowMode.PER_DATAGRAM, requests, transport));
        }
        print(FlowMode.PER_CLIENT, perClient.subList(1, perClient.size()));
        print(FlowMode.PER_DATAGRAM, perDatagram.subList(1, perDatagram.size()));
    }

    private static void print(FlowMode mode, List<Result> results) {
        List<Result> sorted = new ArrayList<>(results);
        sorted.sort(Comparator.comparingDouble(Result::cpuMicros));
        Result median = sorted.get(sorted.size() / 2);
        System.out.printf(
                Locale.ROOT,
                "%-12s  %6.1f us of the event loop a request (%.1f to %.1f), %6.0f requests/s, %5d descriptors, %d"
                        + " unanswered%n",
                mode.label(),
                median.cpuMicros,
                sorted.get(0).cpuMicros,
                sorted.get(sorted.size() - 1).cpuMicros,
                median.perSecond,
                median.descriptors,
                median.unanswered);
    }

    private static Result run(FlowMode mode, int requests, String transport) throws IOException {
        try (UdpBackend one = resolver();
                UdpBackend two = resolver();
                Rig rig = Rig.start(LoadBalancerConfig.builder().transport(transport))) {
            UdpRig.offer(rig, new FlowSpec(null, Set.of(), mode), one, two);
            long descriptors = UdpRig.descriptors();
            long cpu = eventLoopNanos();
            long start = TICKER.nanoTime();
            long unanswered = 0;
            for (int done = 0; done < requests; done += WINDOW) {
                unanswered += ask(rig.address());
            }
            long nanos = TICKER.nanoTime() - start;
            return new Result(
                    (eventLoopNanos() - cpu) / 1e3 / requests,
                    requests / (nanos / 1e9),
                    UdpRig.descriptors() - descriptors,
                    unanswered);
        }
    }

    /** One request from each of so many new ports. */
    private static long ask(InetSocketAddress to) throws IOException {
        List<DatagramChannel> clients = new ArrayList<>();
        long unanswered = 0;
        for (int i = 0; i < WINDOW; i++) {
            DatagramChannel client = DatagramChannel.open();
            client.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .connect(to);
            client.write(ByteBuffer.wrap(REQUEST));
            clients.add(client);
        }
        for (DatagramChannel client : clients) {
            client.socket().setSoTimeout(1000);
            byte[] answer = new byte[512];
            try {
                java.net.DatagramPacket packet = new java.net.DatagramPacket(answer, answer.length);
                client.socket().receive(packet);
            } catch (java.net.SocketTimeoutException lost) {
                unanswered++;
            }
            client.close();
        }
        return unanswered;
    }

    private static UdpBackend resolver() {
        return UdpBackend.running((content, port) -> Dns.answer(content, "answer"));
    }

    private static long eventLoopNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().matches("podlb-(datagram|relay).*"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
                .sum();
    }
}
