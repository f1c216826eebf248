package io.podlb.control.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.cluster.Problem.Severity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProblemTest {

    @Test
    void aProblemIsOneLineWhateverItsPartsContain() {
        Problem problem = new Problem(
                Severity.ERROR,
                new Origin("a\nb.yaml", 2),
                "Service default/web",
                "spec.type",
                "bad\r\u001b[31m\u2028",
                "mend it");
        assertThat(problem)
                .hasToString(
                        "a\\u000ab.yaml, document 2: Service default/web: spec.type: bad\\u000d\\u001b[31m\\u2028; mend it");
        assertThat(new Problem(Severity.NOTE, null, null, null, "worth knowing", ""))
                .hasToString("worth knowing");
    }

    @Test
    void valuesAreShownShortAndWithTheirType() {
        assertThat(Problem.shown("80")).isEqualTo("\"80\"");
        assertThat(Problem.shown(80)).isEqualTo("80");
        assertThat(Problem.shown(null)).isEqualTo("null");
        assertThat(Problem.shown(Map.of("a", 1))).isEqualTo("a mapping");
        assertThat(Problem.shown(List.of(1))).isEqualTo("a list");
        assertThat(Problem.shown("x".repeat(81))).isEqualTo("\"" + "x".repeat(80) + "\u2026\"");
        assertThat(Problem.shown("a\tb")).isEqualTo("\"a\\u0009b\"");
    }

    @Test
    void theNearestKnownWordIsNamed() {
        List<String> known = List.of("port", "ports", "targetPort", "nodePort", "name");
        assertThat(Spelling.nearest("targetport", known)).isEqualTo("targetPort");
        assertThat(Spelling.nearest("nodePrt", known)).isEqualTo("nodePort");
        assertThat(Spelling.nearest("prots", known)).isEqualTo("ports");
        assertThat(Spelling.nearest("portss", known)).isEqualTo("ports");
        assertThat(Spelling.nearest("a", known)).isNull();
        assertThat(Spelling.nearest("selector", known)).isNull();
        assertThat(Spelling.suggestion("nam", known, "remove it")).isEqualTo("did you mean \"name\"?");
        assertThat(Spelling.suggestion("xyz", known, "remove it")).isEqualTo("remove it");
    }
}
