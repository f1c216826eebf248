package io.podlb.server;

import static org.awaitility.Awaitility.await;

import com.codahale.metrics.Counter;
import io.podlb.server.listener.ListenerView;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A load balancer with one service port on loopback, seen from outside. */
public final class Rig implements AutoCloseable {

    public static final ServicePortName NAME = new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);

    private static final AtomicInteger nextPort = new AtomicInteger(20_000);

    private final LoadBalancer balancer;
    private final SocketAddressSpec address;
    private long version;
    private UnaryOperator<ServicePortSpec> shape = spec -> spec;

    private Rig(LoadBalancerConfig config) {
        balancer = LoadBalancer.start(config);
        address = freeAddress();
    }

    public static Rig start(LoadBalancerConfig.Builder config, Backends... backends) {
        return start(1, config, backends);
    }

    public static Rig start(int eventLoops, LoadBalancerConfig.Builder config, Backends... backends) {
        Rig rig = new Rig(config.eventLoops(eventLoops).build());
        rig.offer(java.util.Arrays.stream(backends).map(Backends::spec).toArray(BackendSpec[]::new));
        return rig;
    }

    public static Rig start(String transport, Backends... backends) {
        return start(LoadBalancerConfig.builder().transport(transport), backends);
    }

    /**
     * An address of loopback where nobody listens. Its port is below those that the kernel hands out itself (to a
     * client, or to a listener on port 0), so nobody else comes upon it, and none is given twice.
     */
    public static SocketAddressSpec freeAddress() {
        while (true) {
            int port = nextPort.getAndIncrement();
            try (ServerSocket free = new ServerSocket(port, 1, InetAddress.getByName("127.0.0.1"))) {
                return new SocketAddressSpec(free.getInetAddress(), free.getLocalPort());
            } catch (BindException taken) {
                // The next one, then.
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Changes every spec that is offered from now on. */
    public Rig shaped(UnaryOperator<ServicePortSpec> operator) {
        shape = operator;
        return this;
    }

    /** Makes these the endpoints and waits until that is in force. */
    public Rig offer(BackendSpec... endpoints) {
        return apply(spec(endpoints));
    }

    /** What {@link #offer} applies. */
    public ServicePortSpec spec(BackendSpec... endpoints) {
        return shape.apply(new ServicePortSpec(
                NAME,
                List.of(FrontendSpec.of(FrontendKind.CLUSTER_IP, address)),
                "round-robin",
                null,
                List.of(endpoints),
                List.of()));
    }

    public Rig apply(ServicePortSpec... specs) {
        try {
            balancer.apply(ServiceTable.of(++version, List.of(specs)))
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return this;
    }

    public LoadBalancer balancer() {
        return balancer;
    }

    public InetSocketAddress address() {
        return address.toSocketAddress();
    }

    public SocketAddressSpec addressSpec() {
        return address;
    }

    public ListenerView listener() {
        return balancer.listeners().get(0);
    }

    public Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.connect(address(), 5_000);
        socket.setSoTimeout(30_000);
        return socket;
    }

    /** What a new client reads until the end of the stream. */
    public String ask() throws IOException {
        try (Socket socket = connect()) {
            return new String(socket.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    public List<ConnectionView> connections() {
        return balancer.connections().toCompletableFuture().join();
    }

    /** Waits until all connections have ended and gives the reasons, each as often as it occurred. */
    public Map<EndReason, Long> endReasons() {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> connections().stream().noneMatch(view -> view.endReason() == null));
        return connections().stream()
                .collect(java.util.stream.Collectors.groupingBy(
                        ConnectionView::endReason, java.util.stream.Collectors.counting()));
    }

    public long counter(String name) {
        Counter counter = balancer.metrics().getCounters().get(name);
        return counter == null ? 0 : counter.getCount();
    }

    @Override
    public void close() {
        balancer.close();
    }
}
