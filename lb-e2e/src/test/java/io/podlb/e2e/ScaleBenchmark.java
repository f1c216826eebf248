package io.podlb.e2e;

import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.source.FakeApiServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Figures of {@code lb node} by the number of Services. No test: it only fails if it cannot measure. */
class ScaleBenchmark {

    private static final int ENDPOINTS = 10;
    private static final int CHANGES = 500;
    private static final Duration PACE = Duration.ofMillis(10);
    private static final Pattern FIRST_TABLE = Pattern.compile("the first table .* after (\\d+) ms");
    private static final Pattern BUCKET =
            Pattern.compile("podlb_update_to_effect_seconds_bucket\\{le=\"([^\"]+)\"\\} (\\d+)");
    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 10_000})
    void figures(int services) throws Exception {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", FreePorts.next());
        try (FakeApiServer api = FakeApiServer.start(address)) {
            api.put(new NodeBuilder()
                    .withNewMetadata()
                    .withName("n0")
                    .endMetadata()
                    .build());
            for (int i = 0; i < services; i++) {
                api.put(service(i));
                api.put(slice(i, 0));
            }
            List<String> arguments =
                    List.of("node", "--node-name", "n0", "--master", api.url(), "--cluster-ip-mode", "loopback");
            try (LbProcess lb = LbProcess.start(
                    List.of(),
                    LbProcess.java(),
                    "-Xmx512m",
                    "127.0.0.1:" + FreePorts.next(),
                    arguments.toArray(new String[0]))) {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> lb.get("/readyz").exit() == 0);
                measure(services, api, lb);
            }
        }
    }

    private static void measure(int services, FakeApiServer api, LbProcess lb) throws IOException {
        Random random = new Random(1);
        change(api, services, random, CHANGES); // warm
        SortedMap<Double, Long> before = buckets(lb);
        long cpuBefore = cpuMillis(lb.pid());
        change(api, services, random, CHANGES);
        long expected = before.get(Double.POSITIVE_INFINITY) + CHANGES / 2;
        await().atMost(Duration.ofSeconds(30)).until(() -> buckets(lb).get(Double.POSITIVE_INFINITY) >= expected);
        double cpu = (cpuMillis(lb.pid()) - cpuBefore) / (double) CHANGES;
        SortedMap<Double, Long> after = buckets(lb);
        Shell.must("jcmd", Long.toString(lb.pid()), "GC.run");
        long heap = longOf(HEAP, Shell.must("jcmd", Long.toString(lb.pid()), "GC.heap_info")) / 1024;
        long failed = Pattern.compile("podlb_listener_open\\{[^}]*\\} 0")
                .matcher(lb.get("/metrics").out())
                .results()
                .count();
        System.out.printf(
                "%,7d Services, %,8d endpoints: first table %,5d ms; change to effect p50 <= %.1f ms, p99 <= %.1f ms;"
                        + " CPU %.2f ms per change; heap %d MiB; failed binds %d%n",
                services,
                services * ENDPOINTS,
                longOf(FIRST_TABLE, lb.stderr() + lb.stdout()),
                1000 * quantile(before, after, 0.5),
                1000 * quantile(before, after, 0.99),
                cpu,
                heap,
                failed);
    }

    private static void change(FakeApiServer api, int services, Random random, int changes) {
        for (int i = 0; i < changes; i++) {
            api.put(slice(random.nextInt(services), 1 + random.nextInt(200)));
            LockSupport.parkNanos(PACE.toNanos()); // the load that is offered, not a wait for something
        }
    }

    private static double quantile(SortedMap<Double, Long> before, SortedMap<Double, Long> after, double quantile) {
        long all = after.get(Double.POSITIVE_INFINITY) - before.get(Double.POSITIVE_INFINITY);
        for (var bucket : after.entrySet()) {
            if (bucket.getValue() - before.get(bucket.getKey()) >= quantile * all) {
                return bucket.getKey();
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    private static SortedMap<Double, Long> buckets(LbProcess lb) {
        SortedMap<Double, Long> buckets = new TreeMap<>();
        Matcher matcher = BUCKET.matcher(lb.get("/metrics").out());
        while (matcher.find()) {
            double bound =
                    matcher.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(matcher.group(1));
            buckets.put(bound, Long.parseLong(matcher.group(2)));
        }
        return buckets;
    }

    /** User and system time; the kernel counts in hundredths of a second. */
    private static long cpuMillis(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return 10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
    }

    private static long longOf(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in: " + text);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static Service service(int i) {
        String clusterIp = "10.100." + i / 250 + "." + (1 + i % 250);
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("s" + i)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(clusterIp)
                .withClusterIPs(clusterIp)
                .withIpFamilies("IPv4")
                .addNewPort()
                .withPort(8080)
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }

    /** Ten endpoints; the last one differs by version. */
    private static EndpointSlice slice(int i, int version) {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("s" + i)
                .addToLabels("kubernetes.io/service-name", "s" + i)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("")
                .withPort(8080)
                .withProtocol("TCP")
                .endPort();
        for (int endpoint = 0; endpoint < ENDPOINTS; endpoint++) {
            int last = endpoint == ENDPOINTS - 1 ? 50 + version : 1 + endpoint;
            slice.addNewEndpoint()
                    .withAddresses("10." + (128 + i / 250) + "." + i % 250 + "." + last)
                    .withNodeName("n" + endpoint % 3)
                    .withNewConditions()
                    .withReady(true)
                    .withServing(true)
                    .withTerminating(false)
                    .endConditions()
                    .endEndpoint();
        }
        return slice.build();
    }
}
