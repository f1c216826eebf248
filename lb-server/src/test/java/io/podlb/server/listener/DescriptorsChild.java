package io.podlb.server.listener;

import static org.awaitility.Awaitility.await;

import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.Rig;
import io.podlb.server.metrics.MetricNames;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules;
import io.podlb.server.service.TrafficRules.Ejection;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The process of {@link DescriptorsTest}: balances one backend and uses up its own descriptors when told to. */
final class DescriptorsChild {

    /** Of the addresses that "serve" opens. */
    static final int PORT = 20_780;

    private static final Deque<FileInputStream> fillers = new ArrayDeque<>();
    private static int backendPort;

    private DescriptorsChild() {}

    public static void main(String[] args) throws Exception {
        backendPort = Integer.parseInt(args[1].split(",")[0]);
        SocketAddressSpec bind = Rig.freeAddress();
        List<BackendSpec> backends = Arrays.stream(args[1].split(","))
                .map(port -> new SocketAddressSpec(InetAddress.getLoopbackAddress(), Integer.parseInt(port)))
                .map(BackendSpec::of)
                .toList();
        try (LoadBalancer balancer = LoadBalancer.start(LoadBalancerConfig.builder()
                .transport(args[0])
                .eventLoops(1)
                // Its first connect waits for classes to be loaded, on a busy machine for more than a second.
                .connectTimeout(Duration.ofSeconds(20))
                .connectBudget(Duration.ofSeconds(20))
                .maxConnections(Integer.parseInt(args[2]))
                .build())) {
            balancer.apply(ServiceTable.of(
                            1,
                            List.of(new ServicePortSpec(
                                            Rig.NAME,
                                            List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, bind)),
                                            "random",
                                            null,
                                            backends,
                                            List.of())
                                    .withTraffic(TrafficRules.NONE.withEjection(new Ejection(1))))))
                    .toCompletableFuture()
                    .get();
            // Classes that are first needed without a descriptor could not be read any more from a folder.
            try (Socket socket = new Socket(bind.address(), bind.port())) {
                socket.getInputStream().readAllBytes();
            }
            obey(balancer, "fill 1000");
            obey(balancer, "release");
            obey(balancer, "ended x");
            obey(balancer, "missed");
            System.out.println(bind.port());
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(obey(balancer, line));
            }
        }
    }

    private static String obey(LoadBalancer balancer, String line) throws IOException {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "fill" -> {
                await().until(() -> balancer.connections().toCompletableFuture().join().stream()
                        .noneMatch(view -> view.endReason() == null));
                // The kernel may still hold the sockets of the last connection: fill until nothing comes free.
                await().during(Duration.ofMillis(200)).until(() -> fill() == 0);
                for (int i = 0; i < Integer.parseInt(words[1]) && !fillers.isEmpty(); i++) {
                    fillers.pop().close();
                }
            }
            case "release" -> {
                while (!fillers.isEmpty()) {
                    fillers.pop().close();
                }
            }
            case "pauses" -> {
                return Long.toString(
                        balancer.metrics().counter(MetricNames.ACCEPT_PAUSES).getCount());
            }
            case "missed" -> {
                return Long.toString(balancer.metrics().getCounters().entrySet().stream()
                        .filter(counter -> counter.getKey().startsWith(MetricNames.EJECTIONS)
                                || counter.getKey().startsWith(MetricNames.EJECTIONS_PREVENTED)
                                || counter.getKey().startsWith(MetricNames.BACKEND_CONNECT_FAILURES))
                        .mapToLong(counter -> counter.getValue().getCount())
                        .sum());
            }
            case "ended" -> {
                return Long.toString(balancer.metrics()
                        .counter("podlb_connections_ended_total{namespace=default,service=web,port=,protocol=TCP,"
                                + "family=IPv4,reason=" + words[1] + "}")
                        .getCount());
            }
            case "serve" ->
                balancer.apply(ServiceTable.of(3, ports(Integer.parseInt(words[1]))))
                        .toCompletableFuture()
                        .join();
            case "listeners" -> {
                return balancer.listeners().stream()
                        .map(view -> view.state() + " " + view.frontend().bind() + " " + view.failure())
                        .collect(Collectors.joining("|"));
            }
            case "gauge" -> {
                return String.valueOf(
                        balancer.metrics().gauge(words[1], () -> null).getValue());
            }
            default -> throw new IllegalArgumentException(line);
        }
        return "done";
    }

    /** So many, each on an address of its own. */
    private static List<ServicePortSpec> ports(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new ServicePortSpec(
                        new ServicePortName("default", String.format("s%05d", i), "", Protocol.TCP, IpFamily.IPV4),
                        List.of(FrontendSpec.of(
                                FrontendKind.CLUSTER_IP,
                                new SocketAddressSpec(
                                        InetAddresses.parse("127.78." + i / 250 + "." + (1 + i % 250)), PORT))),
                        "random",
                        null,
                        List.of(BackendSpec.of(new SocketAddressSpec(InetAddress.getLoopbackAddress(), backendPort))),
                        List.of()))
                .toList();
    }

    /** Takes every descriptor and says how many there were. */
    private static int fill() {
        int before = fillers.size();
        try {
            while (true) {
                fillers.push(new FileInputStream("/dev/null"));
            }
        } catch (IOException none) {
            return fillers.size() - before;
        }
    }
}
