package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostileManifestTest {

    @TempDir
    Path folder;

    /** In a JVM of its own: running out of memory, or a stack overflow, would end it. */
    @Test
    void everyHostileFileIsRefusedWithOneLineWithin256MiBOfHeap() throws IOException, InterruptedException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Map<String, String> expected = HostileCorpus.write(corpus);
        Path out = folder.resolve("out");
        Process reader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        HostileCorpus.class.getName(),
                        corpus.toString())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        int status = reader.waitFor();
        List<String> lines = Files.readAllLines(out, StandardCharsets.UTF_8);
        assertThat(status).as("%s", lines).isZero();
        expected.forEach((name, part) -> assertThat(lines)
                .as(name)
                .filteredOn(line -> line.startsWith(corpus.resolve(name).toString()))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).hasSizeLessThan(400))
                .first()
                .asString()
                .contains(part));
        assertThat(lines).allMatch(line -> line.startsWith(corpus.toString()));
    }

    @Test
    void aByteOrderMarkAndWindowsLinesAreNoHarm() throws IOException {
        Path file = Files.writeString(
                folder.resolve("bom.yaml"),
                "\ufeffapiVersion: v1\r\nkind: Service\r\nmetadata:\r\n  name: web\r\nspec:\r\n  ports:\r\n  - port: 80\r\n");
        Loaded loaded = ManifestReader.read(List.of(file));
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services()).hasSize(1);
    }

    @Test
    void tenThousandServicesOfTenEndpointsAreRead() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10_000; i++) {
            text.append("---\napiVersion: v1\nkind: Service\nmetadata:\n  name: s" + i
                    + "\nspec:\n  ports:\n  - port: 80\n");
            text.append("---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata:\n  name: s" + i
                    + "\n  labels:\n    kubernetes.io/service-name: s" + i
                    + "\naddressType: IPv4\nports:\n- port: 80\n  name: ''\nendpoints:\n");
            for (int j = 0; j < 10; j++) {
                text.append("- addresses:\n  - 10." + i / 256 + "." + i % 256 + "." + j
                        + "\n  conditions:\n    ready: true\n    serving: true\n    terminating: false\n  nodeName: n"
                        + j + "\n  zone: a\n");
            }
        }
        Path file = Files.writeString(folder.resolve("many.yaml"), text);
        Loaded loaded = ManifestReader.read(List.of(file));
        assertThat(loaded.problems()).isEmpty();
        assertThat(loaded.state().services()).hasSize(10_000);
        assertThat(loaded.state().endpointSlices().get(9_999).object().getEndpoints())
                .hasSize(10);
    }
}
