package io.podlb.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.control.Lb.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What the verbs that open nothing say of faults. */
class FaultCommandTest {

    private static final String MANIFEST = """
            apiVersion: v1
            kind: Service
            metadata: {name: web, annotations: {podlb.io/fault: "latency=100ms~20ms; to=client | refuse; connections=3"}}
            spec:
              selector: {app: web}
              ports: [{port: 80}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web-1, labels: {app: web}, annotations: {podlb.io/fault: reset}}
            spec: {containers: [{name: web}]}
            """;

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws Exception {
        Files.writeString(folder.resolve("web.yaml"), MANIFEST);
    }

    @Test
    void explainShowsWhatIsDone() {
        assertThat(explain("text", "--allow-faults").out()).contains("""
                    Faults on purpose
                      latency=100ms~20ms; to=client
                      refuse; connections=3
                      reset; pod=web-1
                """);
        assertThat(new JsonMapper()
                        .readTree(explain("json", "--allow-faults").out())
                        .at("/services/0/ports/0/faults")
                        .toString())
                .isEqualTo("[\"latency=100ms~20ms; to=client\",\"refuse; connections=3\",\"reset; pod=web-1\"]");
    }

    @Test
    void withoutTheOptionNothingIsDoneAndThatIsSaid() {
        String said = "podlb.io/fault]: is ignored; start with --allow-faults if it is meant";
        assertThat(explain("text").out()).doesNotContain("Faults on purpose").contains(said);
        Result validated = Lb.run("validate", "-f", folder.toString(), "--simulate-pods");
        assertThat(validated.out().lines().filter(line -> line.contains(said))).hasSize(2);
        assertThat(Lb.run("validate", "-f", folder.toString(), "--simulate-pods", "--allow-faults")
                        .out())
                .doesNotContain("fault");
    }

    @Test
    void aNodeOfAClusterKnowsNoSuchOption() {
        Result result = Lb.run("node", "--allow-faults");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("--allow-faults");
    }

    private Result explain(String output, String... more) {
        String[] words = {"explain", "-f", folder.toString(), "--simulate-pods", "-o", output};
        String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
        System.arraycopy(more, 0, all, words.length, more.length);
        return Lb.run(all);
    }
}
