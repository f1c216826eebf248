package io.podlb.control.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.codahale.metrics.MetricRegistry;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.Inventory.Touched;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.FrontendPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Topology;
import io.podlb.control.translate.Verdict;
import io.podlb.server.metrics.BucketSnapshot;
import io.podlb.server.service.EndpointSet;
import io.podlb.server.service.FrontendKind;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What kube-proxy measures; time passes by hand. */
class ProxyMetricsTest {

    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final ServiceKey WEB = new ServiceKey("default", "web");
    private static final EndpointPlan POD = new EndpointPlan(
            new SocketAddressSpec(InetAddresses.parse("10.244.0.1"), 80),
            null,
            null,
            null,
            1,
            true,
            true,
            false,
            false,
            null);

    private final AtomicLong millis = new AtomicLong();
    private final MetricRegistry registry = new MetricRegistry();
    private final ProxyMetrics metrics = new ProxyMetrics(
            () -> Duration.ofMillis(millis.get()).toNanos(), () -> START.plusMillis(millis.get()), registry);

    @Test
    void passesAreMeasuredInBucketsThatDouble() {
        metrics.begun();
        millis.set(3);
        metrics.updated(true);
        metrics.begun();
        metrics.updated(false);
        metrics.updated(false);
        assertThat(count(ProxyMetrics.PASS_TIME)).isEqualTo(3);
        assertThat(count(ProxyMetrics.FULL_PASS_TIME)).isEqualTo(1);
        assertThat(count(ProxyMetrics.PARTIAL_PASS_TIME)).isEqualTo(2);
        BucketSnapshot times = buckets(ProxyMetrics.PASS_TIME, "IPv6");
        assertThat(times.bounds()).isEqualTo(15);
        assertThat(times.upperBound(14)).isEqualTo(Duration.ofMillis(16_384).toNanos());
        assertThat(times.upperBound(2)).isEqualTo(Duration.ofMillis(4).toNanos());
        assertThat(times.count(2)).isEqualTo(1);
        assertThat(gauge(ProxyMetrics.LAST_PASS + "{ip_family=IPv4}")).isEqualTo(START.getEpochSecond() + 0.003);
    }

    private long count(String name) {
        return registry.getHistograms().get(name + "{ip_family=IPv4}").getCount();
    }

    @Test
    void changesAreCountedAndTheLatestIsDated() { // 12
        Inventory inventory = new Inventory(() -> 0, START, "api");
        metrics.watchChanges(inventory::counts);
        ServiceKey web = new ServiceKey("default", "web");
        inventory.service(web, named(new Service()));
        inventory.service(web, named(new Service()));
        inventory.slice(web, named(new EndpointSlice()));
        inventory.complete();
        assertThat(changes()).containsExactly(1L, 1L, 1L, 1L);
        inventory.take();
        assertThat(changes()).containsExactly(1L, 0L, 1L, 0L);
        inventory.slice(web, null);
        inventory.slice(web, null);
        inventory.service(web, null);
        assertThat(changes()).containsExactly(2L, 1L, 2L, 1L);
        millis.set(7);
        metrics.queued();
        assertThat(gauge(ProxyMetrics.LAST_QUEUED + "{ip_family=IPv6}")).isEqualTo(START.getEpochSecond() + 0.007);
    }

    private static <T extends HasMetadata> T named(T object) {
        object.setMetadata(new ObjectMetaBuilder()
                .withNamespace("default")
                .withName("web")
                .addToLabels("kubernetes.io/service-name", "web")
                .build());
        return object;
    }

    private List<Object> changes() {
        return Stream.of(
                        "service_changes_total",
                        "service_changes_pending",
                        "endpoint_changes_total",
                        "endpoint_changes_pending")
                .map(name -> gauge(ProxyMetrics.CHANGES + name))
                .toList();
    }

    @Test
    void programmingIsMeasuredSinceTheTriggerInTheFamiliesOfTheService() { // 12.1
        millis.set(400);
        metrics.programmed(
                plan(family(IpFamily.IPV4)),
                new Touched(0, List.of(START, START.minusSeconds(3), START.plusSeconds(9))));
        metrics.programmed(null, new Touched(0, List.of(START)));
        BucketSnapshot times = buckets(ProxyMetrics.PROGRAMMING_TIME, "IPv4");
        assertThat(times.bounds()).isEqualTo(80); // 2 + 59 + 12 + 7
        assertThat(times.count(1)).isEqualTo(1); // 0.4 s
        assertThat(times.count(5)).isEqualTo(1); // 3.4 s
        assertThat(times.count(0)).isEqualTo(1); // a clock that is ahead
        assertThat(times.sum()).isEqualTo(Duration.ofMillis(400 + 3_400).toNanos());
        assertThat(times.upperBound(79)).isEqualTo(Duration.ofSeconds(300).toNanos());
        assertThat(registry.getHistograms()
                        .get(ProxyMetrics.PROGRAMMING_TIME + "{ip_family=IPv6}")
                        .getCount())
                .isZero();
    }

    static Stream<Arguments> portsWithoutLocalEndpoints() {
        FrontendPlan cluster = frontend(FrontendKind.CLUSTER_IP, EndpointSet.CLUSTER);
        FrontendPlan local = frontend(FrontendKind.CLUSTER_IP, EndpointSet.LOCAL);
        FrontendPlan nodePort = frontend(FrontendKind.NODE_PORT, EndpointSet.LOCAL);
        FrontendPlan balancer = frontend(FrontendKind.LOAD_BALANCER, EndpointSet.LOCAL);
        return Stream.of(
                arguments("12.2 policy Cluster", 0, 0, List.of(POD), List.of(), List.of(cluster)),
                arguments("12.2 internal", 1, 0, List.of(POD), List.of(), List.of(local)),
                arguments("12.2 external, once", 0, 1, List.of(POD), List.of(), List.of(cluster, nodePort, balancer)),
                arguments("12.2 both, once each", 1, 1, List.of(POD), List.of(), List.of(local, nodePort)),
                arguments("12.2 with an endpoint here", 0, 0, List.of(POD), List.of(POD), List.of(local, nodePort)),
                arguments("12.2 without any", 0, 0, List.of(), List.of(), List.of(local, nodePort)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("portsWithoutLocalEndpoints")
    void countsPortsThatAreNotServedHere(
            String row,
            int internal,
            int external,
            List<EndpointPlan> cluster,
            List<EndpointPlan> local,
            List<FrontendPlan> frontends) {
        FamilyPlan family = family(IpFamily.IPV4, cluster, local, frontends);
        metrics.noLocalEndpoints(WEB, plan(family));
        metrics.noLocalEndpoints(WEB, plan(family)); // the same once more is no other port
        metrics.noLocalEndpoints(new ServiceKey("default", "other"), plan(family));
        assertThat(noLocal("internal")).isEqualTo(2 * internal);
        assertThat(noLocal("external")).isEqualTo(2 * external);
        metrics.noLocalEndpoints(WEB, null);
        assertThat(noLocal("internal")).isEqualTo(internal);
        assertThat(noLocal("external")).isEqualTo(external);
    }

    private int noLocal(String policy) {
        assertThat(gauge(ProxyMetrics.NO_LOCAL + "{ip_family=IPv6,traffic_policy=" + policy + "}"))
                .isEqualTo(0);
        return (int) gauge(ProxyMetrics.NO_LOCAL + "{ip_family=IPv4,traffic_policy=" + policy + "}");
    }

    private Object gauge(String name) {
        return registry.getGauges().get(name).getValue();
    }

    private BucketSnapshot buckets(String name, String family) {
        return (BucketSnapshot) registry.getHistograms()
                .get(name + "{ip_family=" + family + "}")
                .getSnapshot();
    }

    private static ServicePlan plan(FamilyPlan family) {
        PortPlan port = new PortPlan("", Protocol.TCP, 80, "80", null, List.of(family));
        return new ServicePlan("default", "web", "LoadBalancer", List.of(), List.of(port), List.of());
    }

    private static FamilyPlan family(IpFamily family) {
        return family(family, List.of(), List.of(), List.of());
    }

    private static FamilyPlan family(
            IpFamily family, List<EndpointPlan> cluster, List<EndpointPlan> local, List<FrontendPlan> frontends) {
        return new FamilyPlan(
                new ServicePortName("default", "web", "", Protocol.TCP, family),
                "random",
                null,
                null,
                Topology.NONE,
                cluster,
                cluster,
                local,
                frontends);
    }

    private static FrontendPlan frontend(FrontendKind kind, EndpointSet set) {
        return new FrontendPlan(kind, null, 80, set, Verdict.FORWARD, set, Verdict.FORWARD, List.of());
    }
}
