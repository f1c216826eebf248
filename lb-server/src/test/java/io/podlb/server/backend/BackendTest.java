package io.podlb.server.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.codahale.metrics.MetricRegistry;
import io.podlb.server.metrics.BackendMetrics;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class BackendTest {

    private static final SocketAddressSpec ADDRESS = new SocketAddressSpec(InetAddresses.parse("10.244.0.11"), 80);

    private final Backend backend = new Backend(
            BackendSpec.of(ADDRESS),
            new BackendMetrics(
                    new MetricRegistry(),
                    new ServicePortName("default", "web", "", Protocol.TCP, IpFamily.IPV4),
                    ADDRESS.toString()));

    @Test
    void leasesAreCountedFromAllThreads() throws Exception {
        Callable<Void> leases = () -> {
            for (int i = 0; i < 10_000; i++) {
                backend.lease();
                if (i % 2 == 0) {
                    backend.release();
                }
            }
            return null;
        };
        ExecutorService eventLoops = Executors.newFixedThreadPool(4);
        try {
            for (Future<Void> done : eventLoops.invokeAll(Collections.nCopies(4, leases))) {
                done.get();
            }
        } finally {
            eventLoops.shutdownNow();
        }
        assertThat(backend.active()).isEqualTo(20_000);
    }

    @Test
    void theDescriptionIsReplacedAndTheAddressStays() {
        backend.lease();
        backend.update(new BackendSpec(ADDRESS, 7, "web-1", "n1", "zone-a"));
        assertThat(backend.spec().weight()).isEqualTo(7);
        assertThat(backend).hasToString("web-1 (10.244.0.11:80)");
        assertThat(backend.active()).isEqualTo(1);
        SocketAddressSpec other = new SocketAddressSpec(ADDRESS.address(), 81);
        assertThatThrownBy(() -> backend.update(BackendSpec.of(other)))
                .hasMessage("address: 10.244.0.11:81 (expected: 10.244.0.11:80)");
    }
}
