package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podlb.control.address.ClusterIpMode;
import io.podlb.control.check.Checks;
import io.podlb.control.check.Responder;
import io.podlb.control.simulate.PodServers;
import io.podlb.control.translate.EndpointPlan;
import io.podlb.server.LoadBalancer;
import io.podlb.server.LoadBalancerConfig;
import io.podlb.server.listener.ListenerView.State;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Active checks from the manifest to the listener: what they find is what clients get. */
@Timeout(120)
class ActiveCheckTest {

    private static final String EXTERNAL = """
            apiVersion: v1
            kind: Service
            metadata: {name: web, annotations: {podlb.io/active-check: "http:/healthz"}}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
            addressType: IPv4
            ports: [{port: %d}]
            endpoints: [{addresses: [127.0.0.1]}]
            ---
            """;

    private final Settings settings = PlannerTest.settings(ClusterIpMode.PORT);
    private final LoadBalancer server = LoadBalancer.start(LoadBalancerConfig.builder()
            .transport("nio")
            .eventLoops(1)
            .policies(settings.policies())
            .build());
    private final PodServers pods = new PodServers(settings.admission().nodePortRange());
    private final Checks checks = new Checks(settings.random(), server.metrics());
    private final ControlLoop loop = new ControlLoop(new Planner(settings), server, pods, checks);

    @AfterEach
    void close() {
        loop.close();
        checks.close();
        pods.close();
        server.close();
    }

    private void awaitListener(State state) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> server.listeners().get(0).state() == state);
    }

    private List<EndpointPlan> endpoints() {
        return loop.view().services().get(0).ports().get(0).families().get(0).endpoints();
    }

    @Test
    void aBackendOutsideIsUsedWhileItAnswersItsCheck() throws Exception {
        try (Responder backend = Responder.of("HTTP/1.1 503 not yet")) {
            loop.submit(PlannerTest.read(EXTERNAL.formatted(backend.address().port())))
                    .get();
            assertThat(server.listeners().get(0).state()).isEqualTo(State.EMPTY);
            backend.answer("HTTP/1.1 200 OK");
            awaitListener(State.OPEN);
            backend.answer("HTTP/1.1 503 not any more");
            awaitListener(State.EMPTY);
            assertThat(endpoints().get(0).unusable()).isEqualTo("its active check does not succeed");
        }
    }

    /** Their probes are made where they really listen; a probe of a port that nobody plays is none. */
    @Test
    void simulatedPodsPassTheirReadinessProbes() throws Exception {
        loop.submit(PlannerTest.read("""
                apiVersion: v1
                kind: Service
                metadata: {name: web, annotations: {podlb.io/active-check: probe}}
                spec: {selector: {app: web}, ports: [{port: 80}]}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: http, labels: {app: web}}
                spec:
                  containers: [{name: web, readinessProbe: {httpGet: {port: 80, path: /}, periodSeconds: 1}}]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: other-port, labels: {app: web}}
                spec:
                  containers: [{name: web, readinessProbe: {tcpSocket: {port: 9999}, periodSeconds: 1}}]
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: without, labels: {app: web}}
                ---
                """)).get();
        await().atMost(Duration.ofSeconds(30)).until(() -> endpoints().stream().allMatch(EndpointPlan::ready));
        assertThat(endpoints().stream().map(EndpointPlan::pod).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("http", "other-port", "without");
        awaitListener(State.OPEN);
        assertThat(server.metrics()
                        .counter("podlb_active_checks_total{result=success}")
                        .getCount())
                .isPositive();
    }
}
