package io.podlb.samples;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.kit.Injection;
import io.podlb.kit.KitFault;
import io.podlb.kit.KitService;
import io.podlb.kit.Lab;
import io.podlb.kit.Pods;
import io.podlb.kit.ServiceHandle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What README shows of the test kit compiles and runs: its Java is what stands between two lines {@code // README} here and
 * in {@link CheckoutTest}, and its XML stands in the POM of a project that {@code ConsumerTest} builds.
 */
class ReadmeExamplesTest {

    private static final Pattern SECTION =
            Pattern.compile("^## The test kit\n(.*?)^## ", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern EXAMPLE =
            Pattern.compile("^ *// README\n(.*?)^ *// README\n", Pattern.MULTILINE | Pattern.DOTALL);

    @Test
    void aLabIsStartedWithoutJUnit() throws IOException {
        // README
        try (Lab lab = Lab.builder()
                .service(KitService.named("web").port(80).pods(3).behaviour(Pods.identify()))
                .seed(7)
                .start()) {
            ServiceHandle web = lab.service("web");
            web.rollingUpdate();
            try (Injection refused = web.pod(0).inject(KitFault.refuse())) {
                for (int i = 0; i < 20; i++) {
                    try (Socket client =
                            new Socket(web.address().getAddress(), web.address().getPort())) {
                        client.getInputStream().readAllBytes(); // the name of a Pod
                    }
                }
                assertThat(refused.hits()).isPositive(); // and yet:
            }
            assertThat(web).haveNoFailed().neverConnectedTo(web.pod(0).name()).wereRetriedAtMost(1);
        }
        // README
    }

    @Test
    void theJavaOfReadmeIsCompiledAndRun() {
        List<String> examples = Stream.of("CheckoutTest", "ReadmeExamplesTest")
                .map(name -> read(Path.of("src", "test", "java", "io", "podlb", "samples", name + ".java")))
                .flatMap(text -> EXAMPLE.matcher(text).results())
                .map(found -> found.group(1).stripTrailing().stripIndent() + "\n")
                .toList();
        assertThat(examples).hasSize(2);
        assertThat(blocks("java")).containsExactlyElementsOf(examples);
    }

    @Test
    void theXmlOfReadmeIsThatOfAProjectThatIsBuilt() {
        String consumer = read(Path.of("src", "test", "consumer", "pom.xml"));
        assertThat(blocks("xml"))
                .hasSize(1)
                .allSatisfy(block -> assertThat(consumer)
                        .containsIgnoringWhitespaces(
                                block.replaceFirst("(?<=<version>).*(?=</version>)", "\\${podlb.version}")));
    }

    /** The code blocks of a language in the section about the kit. */
    private static List<String> blocks(String language) {
        return SECTION.matcher(read(Path.of("..", "README.md")))
                .results()
                .flatMap(section -> Pattern.compile(
                                "^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL)
                        .matcher(section.group(1))
                        .results())
                .map(block -> block.group(1))
                .toList();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
