package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeterminismTest {

    private static LabBuilder lab(String policy) {
        return Lab.builder()
                .service(KitService.named("web")
                        .port(80)
                        .targetPort(8080)
                        .pods(5)
                        .policy(policy));
    }

    /** Who answers clients of several addresses, while Pods come and go. */
    private static List<String> story(Lab lab) {
        List<String> answers = new ArrayList<>();
        ServiceHandle web = lab.service("web");
        calls(web, answers);
        web.pod(1).crash();
        calls(web, answers);
        web.pod(1).restart();
        web.scale(7);
        calls(web, answers);
        web.rollingUpdate();
        calls(web, answers);
        return answers;
    }

    private static void calls(ServiceHandle web, List<String> answers) {
        for (int i = 0; i < 10; i++) {
            answers.add(call(web.address(), "127.0.0." + (1 + i)));
        }
    }

    private static String call(InetSocketAddress service, String from) {
        try (Socket client = new Socket()) {
            client.bind(new InetSocketAddress(from, 0));
            client.connect(service, 10_000);
            client.setSoTimeout(10_000);
            client.shutdownOutput();
            return new String(client.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"random", "round-robin", "least-connections", "two-choices", "maglev"})
    void theSameSeedGivesTheSameChoicesWhateverAddressesTheLabHas(String policy) {
        try (Lab first = lab(policy).seed(42).start();
                Lab second = lab(policy).seed(42).start();
                Lab ports = lab(policy).seed(42).portsOnly().start()) {
            List<String> story = story(first);
            assertThat(story).hasSize(40).doesNotContain("");
            assertThat(story(second)).isEqualTo(story);
            assertThat(story(ports)).isEqualTo(story);
            String decisions = DecisionLog.of(first.connections());
            assertThat(DecisionLog.of(second.connections())).isEqualTo(decisions);
            assertThat(DecisionLog.of(ports.connections())).isEqualTo(decisions);
        }
    }

    @Test
    void anotherSeedGivesOtherChoices() {
        try (Lab first = lab("random").seed(1).start();
                Lab second = lab("random").seed(2).start()) {
            assertThat(story(first)).isNotEqualTo(story(second));
        }
    }

    @Test
    void theSystemPropertyFixesTheSeedWhateverElseSays() {
        String before = System.setProperty(LabBuilder.SEED_PROPERTY, "99");
        try (Lab lab = lab("random").seed(1).start()) {
            assertThat(lab.seed()).isEqualTo(99);
            System.setProperty(LabBuilder.SEED_PROPERTY, "many");
            assertThatThrownBy(lab("random")::start).hasMessageContaining("-Dpodlb.seed=many");
        } finally {
            if (before == null) {
                System.clearProperty(LabBuilder.SEED_PROPERTY);
            } else {
                System.setProperty(LabBuilder.SEED_PROPERTY, before);
            }
        }
    }

    @Test
    void withoutASeedEachLabHasItsOwn() {
        try (Lab first = lab("random").start();
                Lab second = lab("random").start()) {
            assertThat(first.seed()).isNotEqualTo(second.seed());
        }
    }
}
