package io.podlb.control.translate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Node;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the Node object says (kube-semantics 4.9, 6.3). */
class NodeFactsTest {

    private static final String ZONE = "topology.kubernetes.io/zone";

    private final List<Node> nodes = List.of(
            Given.node("n0", Map.of(ZONE, "zone-a"), "192.0.2.7", "fd00::7", "nonsense"),
            Given.node("n1", Map.of(ZONE, "")));

    @Test
    void readsZoneAndAddresses() {
        NodeFacts facts = NodeFacts.of("n0", nodes);
        assertThat(facts.zone()).isEqualTo("zone-a");
        assertThat(facts.addresses()).containsExactly(Given.ip("192.0.2.7"), Given.ip("fd00::7"));
    }

    @Test
    void anEmptyZoneLabelIsNone() {
        assertThat(NodeFacts.of("n1", nodes).zone()).isNull();
    }

    @Test
    void aNodeWithoutObjectHasItsNameAlone() {
        assertThat(NodeFacts.of("n9", nodes)).isEqualTo(new NodeFacts("n9", null));
    }
}
