package io.podlb.control.allocate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceSpec;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class DefaultsTest {

    private record Row(String rule, String spec, Function<ServiceSpec, Object> field, Object expected) {}

    private static final List<Row> ROWS = List.of(
            new Row("18.1 type", "{ports: [{port: 80}]}", ServiceSpec::getType, "ClusterIP"),
            new Row(
                    "18.1 protocol",
                    "{ports: [{port: 80}]}",
                    spec -> spec.getPorts().get(0).getProtocol(),
                    "TCP"),
            new Row(
                    "18.1 a protocol that is given",
                    "{ports: [{port: 80, protocol: UDP}]}",
                    spec -> spec.getPorts().get(0).getProtocol(),
                    "UDP"),
            new Row("18.1 target port missing", "{ports: [{port: 80}]}", DefaultsTest::target, 80),
            new Row("18.1 target port 0", "{ports: [{port: 80, targetPort: 0}]}", DefaultsTest::target, 80),
            new Row("18.1 target port empty", "{ports: [{port: 80, targetPort: ''}]}", DefaultsTest::target, 80),
            new Row("18.1 target port given", "{ports: [{port: 80, targetPort: 8080}]}", DefaultsTest::target, 8080),
            new Row("18.1 affinity", "{ports: [{port: 80}]}", ServiceSpec::getSessionAffinity, "None"),
            new Row(
                    "18.2 affinity without config",
                    "{sessionAffinity: ClientIP, ports: [{port: 80}]}",
                    DefaultsTest::affinity,
                    10800),
            new Row(
                    "18.2 affinity with half a config",
                    "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {}}, ports: [{port: 80}]}",
                    DefaultsTest::affinity,
                    10800),
            new Row(
                    "18.2 affinity with its own",
                    "{sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ports: [{port: 80}]}",
                    DefaultsTest::affinity,
                    5),
            new Row(
                    "18.2 config without affinity goes",
                    "{sessionAffinityConfig: {clientIP: {timeoutSeconds: 5}}, ports: [{port: 80}]}",
                    DefaultsTest::affinity,
                    "none"),
            new Row(
                    "18.3 external policy of NodePort",
                    "{type: NodePort, ports: [{port: 80}]}",
                    ServiceSpec::getExternalTrafficPolicy,
                    "Cluster"),
            new Row(
                    "18.3 external policy of LoadBalancer",
                    "{type: LoadBalancer, ports: [{port: 80}]}",
                    ServiceSpec::getExternalTrafficPolicy,
                    "Cluster"),
            new Row(
                    "18.3 external policy with external IPs",
                    "{externalIPs: [192.0.2.1], ports: [{port: 80}]}",
                    ServiceSpec::getExternalTrafficPolicy,
                    "Cluster"),
            new Row(
                    "18.3 no external policy of ClusterIP",
                    "{ports: [{port: 80}]}",
                    spec -> orNone(spec.getExternalTrafficPolicy()),
                    "none"),
            new Row("18.3 internal policy", "{ports: [{port: 80}]}", ServiceSpec::getInternalTrafficPolicy, "Cluster"),
            new Row(
                    "18.3 no internal policy of ExternalName",
                    "{type: ExternalName, externalName: a.b}",
                    spec -> orNone(spec.getInternalTrafficPolicy()),
                    "none"),
            new Row(
                    "18.4 node ports of LoadBalancer",
                    "{type: LoadBalancer, ports: [{port: 80}]}",
                    ServiceSpec::getAllocateLoadBalancerNodePorts,
                    true),
            new Row(
                    "18.4 but not of NodePort",
                    "{type: NodePort, ports: [{port: 80}]}",
                    spec -> orNone(spec.getAllocateLoadBalancerNodePorts()),
                    "none"),
            new Row("18.5 single stack", "{ports: [{port: 80}]}", ServiceSpec::getIpFamilyPolicy, "SingleStack"),
            new Row(
                    "18.5 headless without selector",
                    "{clusterIP: None}",
                    ServiceSpec::getIpFamilyPolicy,
                    "RequireDualStack"),
            new Row(
                    "18.5 headless with selector",
                    "{clusterIP: None, selector: {a: b}}",
                    ServiceSpec::getIpFamilyPolicy,
                    "SingleStack"),
            new Row(
                    "18.6 cluster IPs from the one",
                    "{clusterIP: 10.96.0.7, ports: [{port: 80}]}",
                    ServiceSpec::getClusterIPs,
                    List.of("10.96.0.7")),
            new Row("18.6 headless", "{clusterIP: None}", ServiceSpec::getClusterIPs, List.of("None")),
            new Row(
                    "16.4 none for ExternalName",
                    "{type: ExternalName, externalName: a.b}",
                    ServiceSpec::getClusterIPs,
                    List.of()));

    @Test
    void whatAManifestLeavesOutIsFilledIn() {
        for (Row row : ROWS) {
            Cluster cluster = Cluster.withDefaults().put("web", row.spec).admit();
            assertThat(cluster.problems()).as(row.rule).isEmpty();
            assertThat(row.field.apply(cluster.spec("web"))).as(row.rule).isEqualTo(row.expected);
        }
    }

    @Test
    void ingressEntriesWithAnAddressAreVips() {
        Service service = Cluster.sourced("""
                        {kind: Service, metadata: {name: web}, spec: {type: LoadBalancer, ports: [{port: 80}]},
                         status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {hostname: a.b}, {ip: 192.0.2.2, ipMode: Proxy}]}}}
                        """, Service.class).object();
        Service admitted =
                Cluster.withDefaults().put(service).admit().services().get(0);
        assertThat(admitted.getStatus().getLoadBalancer().getIngress())
                .as("18.4")
                .extracting(ingress -> orNone(ingress.getIpMode()))
                .containsExactly("VIP", "none", "Proxy");
        assertThat(service.getStatus().getLoadBalancer().getIngress().get(0).getIpMode())
                .as("what was read is not changed")
                .isNull();
    }

    private static Object target(ServiceSpec spec) {
        return spec.getPorts().get(0).getTargetPort().getIntVal();
    }

    private static Object affinity(ServiceSpec spec) {
        return spec.getSessionAffinityConfig() == null
                ? "none"
                : spec.getSessionAffinityConfig().getClientIP().getTimeoutSeconds();
    }

    private static Object orNone(Object value) {
        return Objects.requireNonNullElse(value, "none");
    }
}
