package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSliceBuilder;
import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.cluster.Inventory;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.control.health.NodeHealth;
import io.podlb.control.report.ServiceEvents;
import io.podlb.control.source.ApiServer;
import io.podlb.control.source.FakeApiServer;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a node writes into the cluster, from the bind that fails to the Event. */
@Timeout(60)
class NodeReportTest {

    private final Settings settings = PlannerTest.settings(ClusterIpMode.PORT);
    private final Clock clock = Clock.systemUTC();
    private final LoadBalancer server = LoadBalancer.start(LoadBalancerConfig.builder()
            .transport("nio")
            .eventLoops(1)
            .policies(settings.policies())
            .build());
    private final Inventory inventory = new Inventory(System::nanoTime, Instant.EPOCH, "API server");
    private final NodeHealth health = NodeHealth.start(null, System::nanoTime, clock, server.metrics());
    private final NodeLoop loop =
            new NodeLoop(settings, inventory, new HandOver(server, false), new NodeRoutes(null, List.of()), health);
    private FakeApiServer fake;
    private ApiServer api;
    private NodeReport report;

    @BeforeEach
    void begins() throws Exception {
        fake = FakeApiServer.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        api = ApiServer.open(null, fake.url(), Map.of(), () -> 0, clock);
        report = new NodeReport(
                loop::view, server, health, inventory, new ServiceEvents(api::create, settings.nodeName(), clock));
    }

    @AfterEach
    void ends() {
        report.close();
        loop.close();
        health.close();
        server.close();
        api.close();
        fake.close();
    }

    @Test
    void whatKeepsAServiceFromBeingServedIsWrittenAsEventsAboutIt() throws Exception {
        try (ServerSocket nodePort = new ServerSocket(0);
                ServerSocket healthCheck = new ServerSocket(0)) {
            put(balanced("taken", nodePort.getLocalPort(), healthCheck.getLocalPort()));
            put(service("odd")
                    .editSpec()
                    .withClusterIPs("10.96.0.1", "no-address")
                    .endSpec()
                    .build());
            put(service("well").build());
            inventory.complete();
            await().atMost(Duration.ofSeconds(30)).until(() -> fake.events().size() >= 3);
            assertThat(fake.events())
                    .extracting(
                            event -> event.getInvolvedObject().getName(),
                            event -> event.getInvolvedObject().getUid(),
                            Event::getReason)
                    .containsExactlyInAnyOrder(
                            tuple("taken", "uid-taken", "FailedToBind"),
                            tuple("taken", "uid-taken", "FailedToStartServiceHealthcheck"),
                            tuple("odd", "uid-odd", "NotServed"));
            assertThat(message("FailedToBind"))
                    .contains("cannot listen on ", ":" + nodePort.getLocalPort(), "another socket has this port")
                    .hasLineCount(1);
            assertThat(message("FailedToStartServiceHealthcheck"))
                    .contains("its health check node port", ":" + healthCheck.getLocalPort())
                    .hasLineCount(1);
            assertThat(message("NotServed")).contains("spec.clusterIPs[1]", "\"no-address\" is no IP address");
        }
    }

    @Test
    void withoutTheRightToWriteEventsEverythingElseGoesOn() throws Exception {
        fake.forbidEvents();
        try (ServerSocket nodePort = new ServerSocket(0)) {
            put(balanced("taken", nodePort.getLocalPort(), 0));
            inventory.complete();
            await().atMost(Duration.ofSeconds(30)).until(() -> fake.refusedEvents() > 0);
            put(service("well").build());
            await().until(() -> server.listeners().stream()
                    .anyMatch(listener -> listener.port().service().equals("well") && listener.bound() != null));
            assertThat(fake.events()).isEmpty();
        }
    }

    private String message(String reason) {
        return fake.events().stream()
                .filter(event -> event.getReason().equals(reason))
                .findFirst()
                .orElseThrow()
                .getMessage();
    }

    private void put(Service service) {
        String name = service.getMetadata().getName();
        inventory.service(ServiceKey.of(service), service);
        inventory.slice(
                new ServiceKey("default", name),
                new EndpointSliceBuilder()
                        .withNewMetadata()
                        .withNamespace("default")
                        .withName(name)
                        .addToLabels("kubernetes.io/service-name", name)
                        .endMetadata()
                        .withAddressType("IPv4")
                        .addNewPort()
                        .withName("")
                        .withPort(80)
                        .withProtocol("TCP")
                        .endPort()
                        .addNewEndpoint()
                        .withAddresses("10.244.0.1")
                        .withNewConditions()
                        .withReady(true)
                        .endConditions()
                        .endEndpoint()
                        .build());
    }

    private static Service balanced(String name, int nodePort, int healthCheck) {
        ServiceBuilder service = service(name);
        service.editSpec()
                .editPort(0)
                .withNodePort(nodePort)
                .endPort()
                .withType("LoadBalancer")
                .endSpec();
        return healthCheck == 0
                ? service.build()
                : service.editSpec()
                        .withExternalTrafficPolicy("Local")
                        .withHealthCheckNodePort(healthCheck)
                        .endSpec()
                        .build();
    }

    private static ServiceBuilder service(String name) {
        String clusterIp = "10.96.1." + (name.hashCode() & 0xff);
        return new ServiceBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName(name)
                .withUid("uid-" + name)
                .endMetadata()
                .withNewSpec()
                .withType("ClusterIP")
                .withClusterIP(clusterIp)
                .withClusterIPs(clusterIp)
                .addNewPort()
                .withPort(80)
                .withProtocol("TCP")
                .endPort()
                .endSpec();
    }
}
