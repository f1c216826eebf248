package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecordBookTest {

    /** A word that the kit lacks would be missed only when a connection has that outcome. */
    @Test
    void theKitKnowsEveryOutcomeOfTheDataPlane() {
        assertThat(Attempt.Outcome.values())
                .extracting(Attempt.Outcome::label)
                .containsExactlyElementsOf(Arrays.stream(io.podlb.server.relay.Attempt.Outcome.values())
                        .map(io.podlb.server.relay.Attempt.Outcome::label)
                        .toList());
    }

    private static LabBuilder web() {
        return Lab.builder()
                .service(KitService.named("web")
                        .port("http", 80)
                        .targetPort(8080)
                        .pods(3)
                        .policy("round-robin"));
    }

    @Test
    void aConnectionHasItsRecordWhileItIsOpenAndAfterwards() throws IOException {
        try (Lab lab = web().start()) {
            ServiceHandle web = lab.service("web");
            try (Socket client = Clients.connect(web.address())) {
                client.getOutputStream().write("hello".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().read()).isEqualTo('w');
                ConnectionRecord open = web.connections().get(0);
                assertThat(open.isOpen()).isTrue();
                assertThat(lab.pod(String.valueOf(open.pod())).connections()).isEqualTo(1);
            }
            Clients.whoAnswers(web.address());
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> web.connections().stream().noneMatch(ConnectionRecord::isOpen));
            List<ConnectionRecord> records = web.connections();
            assertThat(records).extracting(ConnectionRecord::ordinal).containsExactly(1L, 2L);
            ConnectionRecord first = records.get(0);
            assertThat(first.service()).isEqualTo("default/web");
            assertThat(first.port()).isEqualTo("http");
            assertThat(first.frontEnd()).isEqualTo("ClusterIP");
            assertThat(first.policy()).isEqualTo("round-robin");
            assertThat(first.candidates())
                    .containsExactlyElementsOf(
                            web.pods().stream().map(PodHandle::name).toList());
            assertThat(first.attempts()).hasSize(1);
            assertThat(first.backend())
                    .isEqualTo(lab.pod(String.valueOf(first.pod())).address());
            assertThat(first.bytesToBackend()).isEqualTo(5);
            assertThat(records.get(1).pod()).isNotEqualTo(first.pod());
            assertThat(lab.pod(String.valueOf(first.pod())).connections()).isZero();
        }
    }

    @Test
    void aTryThatFailsIsInTheRecordBesideTheOneThatDidNot() {
        try (Lab lab = web().start()) {
            ServiceHandle web = lab.service("web");
            web.pod(0).crash();
            for (int i = 0; i < 3; i++) {
                Clients.whoAnswers(web.address());
            }
            assertThat(web.connections())
                    .anySatisfy(record -> assertThat(record.attempts())
                            .extracting(Attempt::pod, Attempt::outcome)
                            .first()
                            .isEqualTo(org.assertj.core.groups.Tuple.tuple(
                                    web.pod(0).name(), Attempt.Outcome.FAILED)))
                    .noneMatch(ConnectionRecord::failed);
        }
    }

    @Test
    void aConnectionThatNobodyTakesHasFailed() {
        try (Lab lab = web().start()) {
            ServiceHandle web = lab.service("web");
            web.pods().forEach(PodHandle::crash);
            try (Socket client = Clients.connect(web.address())) {
                assertThat(client.getInputStream().read()).isNegative();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("reset");
            }
            ConnectionRecord record = web.connections().get(0);
            assertThat(record.end()).isEqualTo("connect-failed");
            assertThat(record.failed()).isTrue();
            assertThat(record.pod()).isNull();
            assertThat(record.attempts()).hasSize(3);
        }
    }

    @Test
    void aFlowHasItsRecordUnderTheNumberOfAPortWithoutAName() {
        try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
            ServiceHandle dns = lab.service("dns");
            Clients.ask(dns.address(), "who?");
            ConnectionRecord flow = dns.connections().get(0);
            assertThat(flow.udp()).isTrue();
            assertThat(flow.port()).isEqualTo("53/UDP");
            assertThat(flow.pod()).startsWith("dns-");
            assertThat(flow.bytesToBackend()).isEqualTo(4);
        }
    }
}
