package io.podlb.e2e.bench.jmh;

import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.ServiceTable;
import io.podlb.server.service.SocketAddressSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One byte to an echo and back, through podlb by transport, and without it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgs = "-Xmx512m")
public class HopBenchmark {

    private static final String DIRECT = "direct";

    @Param({DIRECT, "io_uring", "epoll", "nio"})
    public String transport;

    private ServerSocket echo;
    private @Nullable LoadBalancer balancer;
    private Socket client;

    @Setup
    public void setUp() throws IOException {
        echo = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread backend = new Thread(this::echo, "echo");
        backend.setDaemon(true);
        backend.start();
        client = new Socket();
        client.setTcpNoDelay(true);
        client.connect(transport.equals(DIRECT) ? echo.getLocalSocketAddress() : startBalancer());
    }

    private SocketAddress startBalancer() {
        balancer = LoadBalancer.start(
                LoadBalancerConfig.builder().transport(transport).eventLoops(1).build());
        BackendSpec backend = BackendSpec.of(new SocketAddressSpec(echo.getInetAddress(), echo.getLocalPort()));
        ServiceTable table =
                ServiceTable.of(1, List.of(Specs.service(0, "random", Specs.frontend(0), List.of(backend))));
        balancer.apply(table).toCompletableFuture().join();
        return new InetSocketAddress("127.98.0.0", 8080);
    }

    private void echo() {
        try (Socket socket = echo.accept()) {
            socket.setTcpNoDelay(true);
            int value = socket.getInputStream().read();
            while (value >= 0) {
                socket.getOutputStream().write(value);
                value = socket.getInputStream().read();
            }
        } catch (IOException end) {
            // A reset: the benchmark is over.
        }
    }

    @Benchmark
    public int roundTrip() throws IOException {
        client.getOutputStream().write(1);
        return client.getInputStream().read();
    }

    @TearDown
    public void tearDown() throws IOException {
        client.close();
        if (balancer != null) {
            balancer.close();
        }
        echo.close();
    }
}
