package io.podlb.server.balance;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.BackendMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Backends and clients of the tests. Numbers stand for addresses: backend 3 is 10.244.0.3:80. */
final class Backends {

    static final ServicePortName PORT = new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4);

    private static final MetricRegistry REGISTRY = new MetricRegistry();

    private Backends() {}

    static SocketAddressSpec address(int number) {
        return new SocketAddressSpec(InetAddresses.parse("10.244." + number / 256 + "." + number % 256), 80);
    }

    static BackendSpec spec(int number, int weight) {
        return new BackendSpec(address(number), weight, null, null, null);
    }

    static Backend backend(int number, int weight) {
        return new Backend(spec(number, weight), new BackendMetrics(REGISTRY, PORT, "b" + number));
    }

    /** That many backends of weight 1, from number 1. */
    static List<Backend> equal(int count) {
        return weighted(IntStream.range(0, count).map(i -> 1).toArray());
    }

    static List<Backend> weighted(int... weights) {
        List<Backend> backends = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            backends.add(backend(i + 1, weights[i]));
        }
        return backends;
    }

    static InetAddress client(int number) {
        return InetAddresses.parse("192." + (168 + number / 65_536) + "." + number / 256 % 256 + "." + number % 256);
    }

    /** Everything that is random comes from the seed, and the control thread is the thread of the test. */
    static PoolSettings settings(long seed, FakeTicker ticker) {
        RandomSource random = RandomSource.seeded(seed);
        return new PoolSettings(Policies.standard(random), ticker, random, Runnable::run, Duration.ofSeconds(2));
    }

    /** A new connection of that client. */
    static PickContext from(int client) {
        return new PickContext(client(client));
    }
}
