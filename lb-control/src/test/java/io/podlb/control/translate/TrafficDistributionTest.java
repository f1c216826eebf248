package io.podlb.control.translate;

import static io.podlb.control.translate.Given.pod;
import static io.podlb.control.translate.Given.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.fabric8.kubernetes.api.model.Pod;
import io.podlb.control.cluster.Sourced;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From {@code trafficDistribution} and Pods to what each node of a cluster picks from (kube-semantics 4.6 to 4.9, 15):
 * n0 and n1 are in zone-a, n2 and n3 in zone-b, and n4 in zone-c.
 */
class TrafficDistributionTest {

    private static final Map<String, String> ZONES =
            Map.of("n0", "zone-a", "n1", "zone-a", "n2", "zone-b", "n3", "zone-b", "n4", "zone-c");
    private static final String EVERYWHERE = "n0 n1 n2";

    static Stream<Arguments> rows() {
        return Stream.of(
                arguments("nothing asked: everybody picks from all", null, EVERYWHERE, "0:all 1:all 2:all 4:all"),
                arguments(
                        "15.2 PreferClose: those of the zone", "PreferClose", EVERYWHERE, "0:n0,n1 1:n0,n1 2:n2 3:n2"),
                arguments("15.1 PreferSameZone", "PreferSameZone", EVERYWHERE, "0:n0,n1 1:n0,n1 2:n2 3:n2"),
                arguments("4.6c a zone without endpoints: all", "PreferSameZone", EVERYWHERE, "4:all"),
                arguments("4.6a PreferSameNode: that of the node", "PreferSameNode", EVERYWHERE, "0:n0 1:n1 2:n2"),
                arguments("4.6b none on the node: its zone", "PreferSameNode", EVERYWHERE, "3:n2"),
                arguments("4.6c none in the zone either: all", "PreferSameNode", EVERYWHERE, "4:all"),
                arguments("4.8 the one of the node ends: its zone", "PreferSameNode", "n0! n1 n2", "0:n1 1:n1 2:n2"),
                arguments(
                        "4.8 the last of the zone ends: all others", "PreferSameZone", "n0! n2 n3", "0:n2,n3 4:n2,n3"),
                arguments(
                        "4.2 all end: the hints are gone with the ready ones",
                        "PreferSameNode",
                        "n0! n2!",
                        "0:all 2:all"),
                arguments("4.7 a Pod on a node of no zone: no zones", "PreferSameZone", "n0 n9", "0:all 2:all"),
                arguments("4.7, 4.9 but nodes still count", "PreferSameNode", "n0 n9", "0:n0 9:n9 2:all"));
    }

    /**
     * @param pods the nodes of the Pods; {@code !} marks one that terminates and still serves
     * @param expected for the number of a node the nodes of the endpoints that it picks from
     */
    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void eachNodePicksFromWhatIsNear(String row, String distribution, String pods, String expected) {
        var service =
                Given.service(spec(spec -> spec.addToSelector("app", "web").withTrafficDistribution(distribution)));
        List<Sourced<Pod>> made = new ArrayList<>();
        for (String word : pods.split(" ")) {
            String node = word.substring(0, 2);
            made.add(pod(
                    "on-" + node,
                    1 + made.size(),
                    pod -> pod.editMetadata()
                            .withDeletionTimestamp(word.endsWith("!") ? "2026-01-01T00:00:00Z" : null)
                            .endMetadata()
                            .editSpec()
                            .withNodeName(node)
                            .endSpec()));
        }
        ServiceEndpoints endpoints = EndpointSlices.of(service, Given.byName(made), List.of(), List.of(), ZONES);
        for (String one : expected.split(" ")) {
            String name = "n" + one.charAt(0);
            NodeFacts node = new NodeFacts(name, ZONES.get(name));
            FamilyPlan plan = Given.only(new ServiceTranslator(node, Given.OPTIONS).plan(service, endpoints));
            String picked = plan.cluster().size() == made.size()
                    ? "all"
                    : plan.cluster().stream().map(EndpointPlan::node).sorted().collect(Collectors.joining(","));
            assertThat(picked).as(name).isEqualTo(one.substring(2));
        }
    }
}
