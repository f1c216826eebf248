package io.podlb.server.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Counter;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServicePortMetricsTest {

    private static final ServicePortName PORT =
            new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);
    private static final String LABELS = "{namespace=default,service=web,port=http,protocol=TCP,family=IPv4";

    private final MetricRegistry registry = new MetricRegistry();
    private final ServicePortMetrics metrics = new ServicePortMetrics(registry, PORT);

    private long count(String name, String moreLabels) {
        Counter counter = registry.getCounters().get(name + LABELS + moreLabels + "}");
        assertThat(counter)
                .as("%s%s of %s", name, moreLabels, registry.getNames())
                .isNotNull();
        return counter.getCount();
    }

    @Test
    void namesAreUniqueAndOfOneForm() throws Exception {
        List<String> names = new ArrayList<>();
        for (Field field : MetricNames.class.getFields()) {
            names.add((String) field.get(null));
        }
        assertThat(names)
                .hasSizeGreaterThan(20)
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("podlb(_[a-z]+)+"));
    }

    @Test
    void aNameCarriesItsLabels() {
        assertThat(MetricNames.of("podlb_x", new ServicePortName("ns", "s", "", Protocol.UDP, IpFamily.IPV6)))
                .isEqualTo("podlb_x{namespace=ns,service=s,port=,protocol=UDP,family=IPv6}");
        assertThat(MetricNames.of("podlb_x", PORT, "a", "1", "b", "2")).isEqualTo("podlb_x" + LABELS + ",a=1,b=2}");
    }

    @Test
    void connectionsAreCountedFromAcceptToEnd() {
        for (int i = 0; i < 3; i++) {
            metrics.accepted();
        }
        metrics.ended(EndReason.CLIENT_CLOSED);
        metrics.ended(EndReason.CONNECT_TIMEOUT);
        assertThat(count("podlb_connections_total", "")).isEqualTo(3);
        assertThat(count("podlb_connections_open", "")).isEqualTo(1);
        assertThat(count("podlb_connections_failed_total", "")).isEqualTo(1);
        assertThat(count("podlb_connections_ended_total", ",reason=client-closed"))
                .isEqualTo(1);
        assertThat(count("podlb_connections_ended_total", ",reason=connect-timeout"))
                .isEqualTo(1);
    }

    @Test
    void everyEndReasonIsCountedAndExactlyFailuresFail() {
        for (EndReason reason : EndReason.values()) {
            long failed = count("podlb_connections_failed_total", "");
            metrics.ended(reason);
            assertThat(count("podlb_connections_ended_total", ",reason=" + reason.label()))
                    .isEqualTo(1);
            assertThat(count("podlb_connections_failed_total", "") - failed).isEqualTo(reason.isFailure() ? 1 : 0);
        }
    }

    @Test
    void attemptsAfterTheFirstAreRetries() {
        metrics.attempted(true);
        metrics.attempted(false);
        metrics.attempted(false);
        assertThat(count("podlb_connect_attempts_total", "")).isEqualTo(3);
        assertThat(count("podlb_connect_retries_total", "")).isEqualTo(2);
    }

    @Test
    void bytesAreCountedByDirection() {
        metrics.toBackend(5);
        metrics.toClient(7);
        assertThat(count("podlb_bytes_total", ",direction=to-backend")).isEqualTo(5);
        assertThat(count("podlb_bytes_total", ",direction=to-client")).isEqualTo(7);
    }

    @Test
    void aListenerIsShownUntilItIsForgottenAndMayReturn() {
        FrontendSpec frontend =
                FrontendSpec.of(FrontendKind.NODE_PORT, new SocketAddressSpec(InetAddresses.parse("0.0.0.0"), 30_080));
        String name = "podlb_listener_open" + LABELS + ",kind=NodePort,address=0.0.0.0:30080}";
        metrics.watchListener(frontend, () -> 1);
        assertThat(registry.getGauges().get(name).getValue()).isEqualTo(1);
        metrics.forgetListener(frontend);
        assertThat(registry.getGauges()).doesNotContainKey(name);
        metrics.watchListener(frontend, () -> 0);
        assertThat(registry.getGauges().get(name).getValue()).isEqualTo(0);
    }

    @Test
    void afterCloseNothingIsShownAndCountingGoesOn() {
        BackendMetrics backend = metrics.backend("10.0.0.1:80");
        BackendMetrics unused = metrics.backend("10.0.0.2:80");
        backend.connected(1_000);
        metrics.close();
        backend.close();
        unused.close();
        assertThat(registry.getNames()).isEmpty();
        metrics.accepted();
        metrics.ended(EndReason.SHUTDOWN);
        backend.ended(EndReason.SHUTDOWN, 1);
        backend.picked();
        unused.picked();
        assertThat(registry.getNames()).isEmpty();
    }

    @Test
    void theSuccessorOfAServicePortIsShownWhicheverOfTheTwoIsClosedFirst() {
        metrics.accepted();
        ServicePortMetrics successor = new ServicePortMetrics(registry, PORT);
        successor.accepted();
        successor.accepted();
        metrics.close();
        assertThat(count("podlb_connections_total", "")).isEqualTo(2);
        metrics.ended(EndReason.IDLE_TIMEOUT);
        successor.ended(EndReason.CLIENT_CLOSED);
        assertThat(count("podlb_connections_open", "")).isEqualTo(1);
        assertThat(registry.getNames()).noneMatch(name -> name.contains("idle-timeout"));
        successor.close();
        assertThat(registry.getNames()).isEmpty();
    }

    @Test
    void aBackendIsNotShownBeforeItIsUsed() {
        BackendMetrics backend = metrics.backend("10.0.0.1:80");
        assertThat(registry.getNames()).noneMatch(name -> name.contains("backend="));
        backend.picked();
        backend.connectFailed();
        backend.connected(70_000);
        backend.toBackend(3);
        backend.toClient(4);
        backend.ended(EndReason.BACKEND_CLOSED, 2_000_000_000);
        String label = ",backend=10.0.0.1:80";
        assertThat(count("podlb_backend_picks_total", label)).isEqualTo(1);
        assertThat(count("podlb_backend_connect_failures_total", label)).isEqualTo(1);
        assertThat(count("podlb_backend_connections_total", label)).isEqualTo(1);
        assertThat(count("podlb_backend_connections_open", label)).isZero();
        assertThat(count("podlb_backend_bytes_total", label + ",direction=to-backend"))
                .isEqualTo(3);
        assertThat(count("podlb_backend_bytes_total", label + ",direction=to-client"))
                .isEqualTo(4);
        assertThat(count("podlb_backend_connections_ended_total", label + ",reason=backend-closed"))
                .isEqualTo(1);
        assertThat(registry.getHistograms()
                        .get("podlb_backend_connect_seconds" + LABELS + label + "}")
                        .getSnapshot()
                        .getMax())
                .isEqualTo(100_000);
        assertThat(registry.getHistograms()
                        .get("podlb_backend_session_seconds" + LABELS + label + "}")
                        .getSnapshot()
                        .getMax())
                .isEqualTo(10_000_000_000L);
    }
}
