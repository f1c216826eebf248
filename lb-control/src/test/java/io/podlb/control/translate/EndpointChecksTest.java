package io.podlb.control.translate;

import static io.podlb.control.translate.Given.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which checks are made of which endpoints, and what becomes of those that fail. */
class EndpointChecksTest {

    private static final SocketAddressSpec ONE = new SocketAddressSpec(Given.ip("10.244.0.1"), 8080);

    private static ServicePlan plan(String check, Set<SocketAddressSpec> up, String... endpoints) {
        return new ServiceTranslator(Given.NODE, Given.OPTIONS, key -> up.contains(key.endpoint()))
                .plan(
                        Given.service(service -> service.editMetadata()
                                .addToAnnotations("podlb.io/active-check", check)
                                .endMetadata()),
                        Given.behind(List.of(slice("s", endpoints))));
    }

    private static List<Check> checksOfOne(String check, Pod pod) {
        ServicePlan plan = plan(check, Set.of(), "1 ready pod:a");
        Map<CheckKey, List<Check>> checks =
                EndpointChecks.of(List.of(plan), (namespace, name) -> name.equals("a") ? pod : null, target -> false);
        assertThat(checks).hasSize(1);
        return checks.values().iterator().next();
    }

    private static Pod pod(String readinessProbe) {
        return Serialization.unmarshal("""
                metadata: {name: a, namespace: default}
                spec:
                  containers:
                  - name: web
                    ports: [{name: http, containerPort: 9090}]
                    readinessProbe: %s
                """.formatted(readinessProbe), Pod.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {tcpSocket: {port: 9000}}                                    | 10.244.0.1:9000 |          | 0 | 10 | 1 | 1 | 3
            {tcpSocket: {port: http}, initialDelaySeconds: 5}            | 10.244.0.1:9090 |          | 5 | 10 | 1 | 1 | 3
            {tcpSocket: {port: 9000, host: 10.1.2.3}}                    | 10.1.2.3:9000   |          | 0 | 10 | 1 | 1 | 3
            {grpc: {port: 9001}, periodSeconds: 2}                       | 10.244.0.1:9001 |          | 0 | 2  | 1 | 1 | 3
            {httpGet: {port: http, path: /healthz}, timeoutSeconds: 3}   | 10.244.0.1:9090 | /healthz | 0 | 10 | 3 | 1 | 3
            {httpGet: {port: 9000}, successThreshold: 2, failureThreshold: 7} | 10.244.0.1:9000 | /   | 0 | 10 | 1 | 2 | 7
            {httpGet: {port: 9000, path: ready}, periodSeconds: 0}       | 10.244.0.1:9000 | /ready   | 0 | 1  | 1 | 1 | 3
            {httpGet: {port: 9443, scheme: HTTPS, path: /healthz}}       | 10.244.0.1:9443 |          | 0 | 10 | 1 | 1 | 3
            """)
    void aReadinessProbeIsMadeWithTheDefaultsOfAKubelet(
            String probe, String target, String path, int delay, int period, int timeout, int rise, int fall) {
        Check check = checksOfOne("probe", pod(probe)).get(0);
        assertThat(check.target()).hasToString(target);
        assertThat(check.path()).isEqualTo(path);
        assertThat(check.delay()).isEqualTo(Duration.ofSeconds(delay));
        assertThat(check.period()).isEqualTo(Duration.ofSeconds(period));
        assertThat(check.timeout()).isEqualTo(Duration.ofSeconds(timeout));
        assertThat(check.rise()).isEqualTo(rise);
        assertThat(check.fall()).isEqualTo(fall);
    }

    @Test
    void headersOfAProbeAreSent() {
        Check check = checksOfOne(
                        "probe", pod("{httpGet: {port: 9000, httpHeaders: [{name: Host, value: web.example}]}}"))
                .get(0);
        assertThat(check.headers()).containsExactly(Map.entry("Host", "web.example"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {exec: {command: [cat, /ready]}}
            {tcpSocket: {port: nothing}}
            {}
            """)
    void aProbeThatCannotBeMadeIsNone(String probe) {
        assertThat(checksOfOne("probe", pod(probe))).isEmpty();
    }

    @Test
    void withoutAPodOrAProbeThereIsNothingToCheck() {
        assertThat(checksOfOne("probe", new PodBuilder().withNewSpec().endSpec().build()))
                .isEmpty();
        assertThat(EndpointChecks.of(
                                List.of(plan("probe", Set.of(), "1 ready")), (namespace, name) -> null, target -> false)
                        .values())
                .containsExactly(List.of());
    }

    @Test
    void theEndpointItselfIsAskedWhereTheServiceSaysHow() {
        assertThat(checksOfOne("tcp", pod("{tcpSocket: {port: 1}}"))).containsExactly(Check.ofEndpoint(ONE, null));
        assertThat(checksOfOne("http:/healthz", pod("{tcpSocket: {port: 1}}")))
                .containsExactly(Check.ofEndpoint(ONE, "/healthz"));
    }

    @Test
    void whatASimulatedPodDoesNotListenOnIsNotChecked() {
        ServicePlan plan = plan("probe", Set.of(), "1 ready pod:a");
        assertThat(EndpointChecks.of(
                                List.of(plan),
                                (namespace, name) -> pod("{tcpSocket: {port: 9000}}"),
                                target -> target.port() == 9000)
                        .values())
                .containsExactly(List.of());
    }

    @Test
    void aServiceThatDoesNotAskIsNotChecked() {
        assertThat(EndpointChecks.of(List.of(plan("off", Set.of(), "1 ready")), (namespace, name) -> null, t -> false))
                .isEmpty();
        assertThat(Given.only(plan("off", Set.of(), "1 ready")).cluster()).hasSize(1);
    }

    @Test
    void anEndpointWhoseCheckDoesNotSucceedIsNotReadyAndOneThatIsNotReadyStaysSo() {
        FamilyPlan plan = Given.only(plan("tcp", Set.of(ONE), "1 ready", "2 ready", "3 unready", "4 terminating"));
        assertThat(Given.addresses(plan.cluster())).isEqualTo("10.244.0.1:8080");
        assertThat(plan.endpoints().get(1).ready()).isFalse();
        assertThat(plan.endpoints().get(1).unusable()).isEqualTo("its active check does not succeed");
        assertThat(plan.endpoints().get(2).unusable()).isEqualTo("not ready");
        Set<SocketAddressSpec> all = Set.of(ONE, new SocketAddressSpec(Given.ip("10.244.0.3"), 8080));
        assertThat(Given.addresses(
                        Given.only(plan("tcp", all, "1 ready", "3 unready")).cluster()))
                .as("a check never overrides NotReady")
                .isEqualTo("10.244.0.1:8080");
    }

    @Test
    void whereAllChecksFailTheServiceRejects() {
        FamilyPlan plan = Given.only(plan("tcp", Set.of(), "1 ready", "2 ready"));
        assertThat(plan.cluster()).isEmpty();
        assertThat(plan.frontends().get(0).verdict()).isEqualTo(Verdict.REJECT);
    }
}
