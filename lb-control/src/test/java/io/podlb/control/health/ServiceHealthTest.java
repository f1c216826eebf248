package io.podlb.control.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.podlb.control.translate.EndpointPlan;
import io.podlb.control.translate.FamilyPlan;
import io.podlb.control.translate.PortPlan;
import io.podlb.control.translate.ServicePlan;
import io.podlb.control.translate.Topology;
import io.podlb.server.service.InetAddresses;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.Protocol;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** How many endpoints of this node a Service has. */
class ServiceHealthTest {

    static Stream<Arguments> counts() {
        return Stream.of(
                arguments("no port", 0, List.of()),
                arguments("11.3 ready and local", 1, List.of(port(v4(ready("10.244.0.1", 80))))),
                arguments("11.3 not ready", 0, List.of(port(v4(endpoint("10.244.0.1", 80, false, false, true))))),
                arguments(
                        "11.3, 22 terminating, though it gets connections",
                        0,
                        List.of(port(v4(endpoint("10.244.0.1", 80, false, true, true))))),
                arguments(
                        "11.3 terminating and published as ready",
                        0,
                        List.of(port(v4(endpoint("10.244.0.1", 80, true, true, true))))),
                arguments("11.3 elsewhere", 0, List.of(port(v4(endpoint("10.244.1.1", 80, true, false, false))))),
                arguments(
                        "11.3 a Pod behind two ports counts once",
                        1,
                        List.of(port(v4(ready("10.244.0.1", 80))), port(v4(ready("10.244.0.1", 443))))),
                arguments(
                        "11.3 Pods of different ports add up",
                        2,
                        List.of(port(v4(ready("10.244.0.1", 80))), port(v4(ready("10.244.0.2", 443))))),
                arguments(
                        "11.3 one Pod with two port numbers in one port counts once",
                        1,
                        List.of(port(v4(ready("10.244.0.1", 80), ready("10.244.0.1", 81))))),
                arguments(
                        "11.3 both addresses of a dual-stack Pod are one endpoint",
                        1,
                        List.of(port(v4(ready("10.244.0.1", 80)), v6(ready("fd00::1", 80))))),
                arguments(
                        "11.3 a Pod of the other family alone counts",
                        1,
                        List.of(port(v4(), v6(ready("fd00::1", 80))))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("counts")
    void countsReadyPodsOfThisNode(String row, int expected, List<PortPlan> ports) {
        ServiceHealth health = ServiceHealth.of(plan(31000, ports));
        assertThat(health.localEndpoints()).isEqualTo(expected);
        assertThat(health.port()).isEqualTo(31000);
        assertThat(health.service()).hasToString("default/web");
    }

    @Test
    void nobodyAsksOfAServiceWithoutThatPort() { // 2.14
        assertThat(ServiceHealth.of(null)).isNull();
        assertThat(ServiceHealth.of(plan(null, List.of(port(v4(ready("10.244.0.1", 80)))))))
                .isNull();
    }

    private static ServicePlan plan(Integer healthCheckNodePort, List<PortPlan> ports) {
        return new ServicePlan("default", "web", "LoadBalancer", List.of(), ports, healthCheckNodePort, List.of());
    }

    private static PortPlan port(FamilyPlan... families) {
        return new PortPlan("", Protocol.TCP, 80, "80", null, List.of(families));
    }

    private static FamilyPlan v4(EndpointPlan... endpoints) {
        return family(IpFamily.IPV4, endpoints);
    }

    private static FamilyPlan v6(EndpointPlan... endpoints) {
        return family(IpFamily.IPV6, endpoints);
    }

    private static FamilyPlan family(IpFamily family, EndpointPlan... endpoints) {
        return new FamilyPlan(
                new ServicePortName("default", "web", "", Protocol.TCP, family),
                "random",
                null,
                null,
                Topology.NONE,
                List.of(endpoints),
                List.of(),
                List.of(),
                List.of());
    }

    private static EndpointPlan ready(String address, int port) {
        return endpoint(address, port, true, false, true);
    }

    private static EndpointPlan endpoint(String address, int port, boolean ready, boolean terminating, boolean local) {
        SocketAddressSpec socket = new SocketAddressSpec(InetAddresses.parse(address), port);
        return new EndpointPlan(socket, null, "n0", null, 1, ready, true, terminating, local, null);
    }
}
