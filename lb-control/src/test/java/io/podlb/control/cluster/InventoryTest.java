package io.podlb.control.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.cluster.Inventory.Changes;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What counts as a change, and of which Service. */
class InventoryTest {

    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey DB = new ServiceKey("default", "db");
    private static final ServiceKey SLICE = new ServiceKey("default", "slice-1");

    private final AtomicLong now = new AtomicLong(100);
    private final AtomicInteger alarms = new AtomicInteger();
    private final Inventory inventory =
            new Inventory(now::get, Instant.parse("2026-01-01T00:00:00Z"), "the API server");

    @Test
    void nothingIsTakenBeforeEverythingIsKnown() { // 1.11
        inventory.onChange(alarms::incrementAndGet);
        inventory.service(WEB, service("web", "10.96.0.1"));
        assertThat(inventory.take()).isNull();
        inventory.complete();
        assertThat(alarms).hasValue(2);
        assertThat(take().services()).containsOnlyKeys(WEB);
        assertThat(inventory.take()).isNull();
    }

    @Test
    void theSameOnceMoreIsNoChange() { // 3.1
        inventory.complete();
        inventory.service(WEB, service("web", "10.96.0.1"));
        inventory.slice(SLICE, slice("web", "10.244.0.1", null));
        take();
        inventory.onChange(alarms::incrementAndGet);
        inventory.service(WEB, service("web", "10.96.0.1"));
        inventory.slice(SLICE, slice("web", "10.244.0.1", null));
        inventory.service(DB, null);
        inventory.slice(new ServiceKey("default", "unknown"), null);
        assertThat(inventory.take()).isNull();
        inventory.service(WEB, service("web", "10.96.0.2"));
        assertThat(take().services()).containsOnlyKeys(WEB);
    }

    @Test
    void aSliceThatChangesItsOwnerTouchesBoth() { // 1.8
        inventory.complete();
        inventory.slice(SLICE, slice("web", "10.244.0.1", null));
        take();
        inventory.slice(SLICE, slice("db", "10.244.0.1", null));
        assertThat(take().services()).containsOnlyKeys(WEB, DB);
        assertThat(inventory.get(WEB).slices()).isEmpty();
        assertThat(inventory.get(DB).slices()).hasSize(1);
        inventory.slice(SLICE, slice("", "10.244.0.1", null)); // 1.7
        assertThat(take().services()).containsOnlyKeys(DB);
        assertThat(inventory.get(DB).slices()).isEmpty();
    }

    @Test
    void slicesThatCameBeforeTheirServiceWaitForIt() {
        inventory.slice(SLICE, slice("web", "10.244.0.1", null));
        assertThat(inventory.get(WEB).service()).isNull();
        inventory.service(WEB, service("web", "10.96.0.1"));
        assertThat(inventory.get(WEB).service()).isNotNull();
        assertThat(inventory.get(WEB).slices()).hasSize(1);
        assertThat(inventory.keys()).containsExactly(WEB);
    }

    @Test
    void theTimeIsThatOfTheFirstChangeAndEveryTriggerCounts() { // 12.1
        inventory.complete();
        inventory.slice(SLICE, slice("web", "10.244.0.1", "2026-11-24T10:00:00.5Z"));
        now.set(200);
        inventory.slice(SLICE, slice("web", "10.244.0.2", "2026-11-24T10:00:01Z"));
        inventory.slice(SLICE, slice("web", "10.244.0.3", "nonsense"));
        inventory.slice(SLICE, slice("web", "10.244.0.4", "2025-12-31T23:59:59Z")); // before the start
        var touched = take().services().get(WEB);
        assertThat(touched.sinceNanos()).isEqualTo(100);
        assertThat(touched.triggers())
                .containsExactly(Instant.parse("2026-11-24T10:00:00.5Z"), Instant.parse("2026-11-24T10:00:01Z"));
    }

    @Test
    void theDeletionOfASliceDiscardsPendingTriggers() { // 12.1
        inventory.complete();
        inventory.slice(SLICE, slice("web", "10.244.0.1", "2026-11-24T10:00:00Z"));
        inventory.slice(SLICE, null);
        assertThat(take().services().get(WEB).triggers()).isEmpty();
    }

    @Test
    void anotherNodeObjectOrAnotherRangeConcernsEverything() {
        inventory.complete();
        assertThat(take().everything()).as("the first look").isTrue();
        assertThat(inventory.take()).isNull();
        inventory.node(
                new NodeBuilder().withNewMetadata().withName("n0").endMetadata().build());
        assertThat(take().everything()).isTrue();
        inventory.node(
                new NodeBuilder().withNewMetadata().withName("n0").endMetadata().build());
        inventory.serviceRanges(List.of());
        assertThat(inventory.take()).isNull();
    }

    private Changes take() {
        return inventory.take();
    }

    static Service service(String name, String clusterIp) {
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withClusterIP(clusterIp)
                .withClusterIPs(clusterIp)
                .endSpec()
                .build();
    }

    static EndpointSlice slice(String owner, String address, String trigger) {
        return new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("slice-1")
                .addToLabels("kubernetes.io/service-name", owner)
                .addToAnnotations("endpoints.kubernetes.io/last-change-trigger-time", trigger)
                .endMetadata()
                .withAddressType("IPv4")
                .addNewEndpoint()
                .withAddresses(address)
                .endEndpoint()
                .build();
    }
}
