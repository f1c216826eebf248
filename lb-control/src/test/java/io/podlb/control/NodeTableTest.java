package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.address.Placement;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.Changes;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.NodeFacts;
import io.podlb.server.service.BackendSpec;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.ServicePortSpec;
import io.podlb.server.service.TableChange;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What of the changes between two passes reaches the data plane. */
class NodeTableTest {

    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final ServiceKey SLICE = new ServiceKey("default", "web-1");
    private static final NodeFacts ZONE_A = new NodeFacts("n0", "zone-a");
    private static final NodeFacts ZONE_B = new NodeFacts("n0", "zone-b");

    private final Settings settings = PlannerTest.settings(ClusterIpMode.PORT);
    private final Inventory inventory = new Inventory(() -> 0, Instant.EPOCH, "the API server");
    private final NodeTable table = new NodeTable(inventory, settings.translation());
    private long version;

    @BeforeEach
    void serveOne() {
        inventory.complete();
        inventory.service(WEB, service(same -> same));
        inventory.slice(SLICE, slice());
        assertThat(pass(ZONE_A).put()).hasSize(1);
    }

    @Test
    void whatComesBackBetweenTwoPassesWasNeverGone() { // 2.16
        inventory.service(
                WEB,
                service(spec ->
                        spec.editSpec().editFirstPort().withPort(81).endPort().endSpec()));
        inventory.service(WEB, service(same -> same));
        inventory.slice(SLICE, null);
        inventory.slice(SLICE, slice());
        assertUntouched(pass(ZONE_A));
    }

    @Test
    void fieldsThatNobodyReadsReachNoDataPlane() { // 2.16
        inventory.service(
                WEB,
                service(service -> service.editSpec()
                        .addToSelector("app", "web")
                        .withPublishNotReadyAddresses(true)
                        .withLoadBalancerIP("203.0.113.9")
                        .editFirstPort()
                        .withAppProtocol("kubernetes.io/h2c")
                        .withNewTargetPort(9)
                        .endPort()
                        .endSpec()));
        assertUntouched(pass(ZONE_A));
    }

    @Test
    void aServiceDeletedAndMadeAnewIsAnUpdate() { // 2.18
        inventory.service(WEB, null);
        inventory.service(
                WEB,
                service(service ->
                        service.editSpec().withSessionAffinity("ClientIP").endSpec()));
        TableChange change = pass(ZONE_A);
        assertThat(change.removed()).isEmpty();
        assertThat(change.put()).extracting(ServicePortSpec::name).containsExactly(name("http"));
    }

    @Test
    void aRenameIsOnePortLessAndOneMoreAndAnotherNumberIsAnUpdate() { // 2.17
        inventory.service(
                WEB,
                service(service -> service.editSpec()
                        .editFirstPort()
                        .withPort(81)
                        .endPort()
                        .endSpec()));
        TableChange number = pass(ZONE_A);
        assertThat(number.removed()).isEmpty();
        assertThat(number.put()).extracting(ServicePortSpec::name).containsExactly(name("http"));

        inventory.service(
                WEB,
                service(service -> service.editSpec()
                        .editFirstPort()
                        .withName("renamed")
                        .endPort()
                        .endSpec()));
        TableChange renamed = pass(ZONE_A);
        assertThat(renamed.removed()).isEqualTo(Set.of(name("http")));
        assertThat(renamed.put()).singleElement().satisfies(spec -> {
            assertThat(spec.name()).isEqualTo(name("renamed"));
            assertThat(spec.cluster())
                    .as("5.13, 22 it rejects until slices follow")
                    .isEmpty();
        });
    }

    @Test
    void theZoneOfTheNodeIsFollowed() { // 4.9
        assertThat(pass(ZONE_B).put())
                .singleElement()
                .satisfies(spec ->
                        assertThat(spec.cluster()).extracting(BackendSpec::zone).containsExactly("zone-b"));
        assertThat(pass(new NodeFacts("n0", null)).put())
                .singleElement()
                .satisfies(spec -> assertThat(spec.cluster()).hasSize(2));
    }

    private void assertUntouched(TableChange change) {
        assertThat(change.put()).isEmpty();
        assertThat(change.removed()).isEmpty();
    }

    /** What {@link NodeLoop} does with what was touched. */
    private TableChange pass(NodeFacts node) {
        Changes changes = inventory.take();
        Set<ServiceKey> keys =
                changes == null ? Set.of(WEB) : changes.services().keySet();
        table.plan(keys, node);
        return table.change(++version, keys, Placement.NOWHERE);
    }

    private static ServicePortName name(String port) {
        return new ServicePortName("default", "web", port, Protocol.TCP, IpFamily.IPV4);
    }

    private static Service service(UnaryOperator<ServiceBuilder> change) {
        return change.apply(new ServiceBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName("web")
                        .endMetadata()
                        .withNewSpec()
                        .withClusterIP("10.96.0.10")
                        .withClusterIPs("10.96.0.10")
                        .withIpFamilies("IPv4")
                        .addNewPort()
                        .withName("http")
                        .withPort(80)
                        .endPort()
                        .endSpec())
                .build();
    }

    private static EndpointSlice slice() {
        EndpointSliceBuilder slice = new EndpointSliceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web-1")
                .addToLabels("kubernetes.io/service-name", "web")
                .endMetadata()
                .withAddressType("IPv4")
                .addNewPort()
                .withName("http")
                .withPort(8080)
                .endPort();
        for (String zone : List.of("zone-a", "zone-b")) {
            slice.addNewEndpoint()
                    .withAddresses(zone.equals("zone-a") ? "10.244.0.1" : "10.244.0.2")
                    .withZone(zone)
                    .withNewHints()
                    .addNewForZone(zone)
                    .endHints()
                    .endEndpoint();
        }
        return slice.build();
    }
}
