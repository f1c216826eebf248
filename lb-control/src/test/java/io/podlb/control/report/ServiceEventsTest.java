package io.podlb.control.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.podlb.control.cluster.ServiceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ServiceEventsTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00.5Z");
    private int refusal; // an HTTP status; 0: none
    private int attempts;
    private final List<Event> written = new ArrayList<>();
    private final ServiceEvents events = new ServiceEvents(this::write, "node-a", () -> now);

    private void write(Event event) {
        attempts++;
        if (refusal != 0) {
            throw new KubernetesClientException("refused", refusal, null);
        }
        written.add(event);
    }

    @Test
    void anEventIsWhatKubectlDescribeLooksFor() {
        events.tell(List.of(complaint("web", Complaint.FAILED_TO_BIND)));
        Event event = written.get(0);
        assertThat(event.getMetadata().getNamespace()).isEqualTo("default");
        assertThat(event.getMetadata().getName()).startsWith("web.");
        assertThat(event.getInvolvedObject().getKind()).isEqualTo("Service");
        assertThat(event.getInvolvedObject().getNamespace()).isEqualTo("default");
        assertThat(event.getInvolvedObject().getName()).isEqualTo("web");
        assertThat(event.getInvolvedObject().getUid()).isEqualTo("uid-web");
        assertThat(event.getType()).isEqualTo("Warning");
        assertThat(event.getReason()).isEqualTo("FailedToBind");
        assertThat(event.getMessage()).isEqualTo("why");
        assertThat(event.getFirstTimestamp()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(event.getLastTimestamp()).isEqualTo("2026-01-01T00:00:00Z");
        assertThat(event.getSource().getComponent()).isEqualTo("podlb");
        assertThat(event.getSource().getHost()).isEqualTo("node-a");
    }

    @Test
    void theSameIsNotSaidAgainWithinTenMinutes() {
        for (int look = 0; look < 120; look++) {
            events.tell(List.of(
                    complaint("web", Complaint.FAILED_TO_BIND), complaint("web", Complaint.FAILED_HEALTH_CHECK)));
            now = now.plusSeconds(5);
        }
        assertThat(written)
                .extracting(Event::getReason)
                .containsExactly(Complaint.FAILED_TO_BIND, Complaint.FAILED_HEALTH_CHECK);
        events.tell(List.of(complaint("web", Complaint.FAILED_TO_BIND)));
        assertThat(written).hasSize(3);
        assertThat(written).extracting(event -> event.getMetadata().getName()).doesNotHaveDuplicates();
    }

    @Test
    void aServiceOfTheSameNameThatIsAnotherOneIsSpokenOf() {
        events.tell(List.of(complaint("web", Complaint.FAILED_TO_BIND)));
        events.tell(
                List.of(new Complaint(new ServiceKey("default", "web"), "another", Complaint.FAILED_TO_BIND, "why")));
        assertThat(written).hasSize(2);
    }

    @Test
    void manyComeFewAtATimeAndNoneIsLost() {
        List<Complaint> many = IntStream.range(0, 100)
                .mapToObj(i -> complaint("s" + i, Complaint.FAILED_TO_BIND))
                .toList();
        events.tell(many);
        assertThat(written).hasSize(25);
        events.tell(many);
        assertThat(written).hasSize(25);
        now = now.plusSeconds(10);
        events.tell(many);
        assertThat(written).hasSize(27);
        for (int look = 0; look < 73; look++) {
            now = now.plusSeconds(5);
            events.tell(many);
        }
        assertThat(written)
                .extracting(event -> event.getInvolvedObject().getName())
                .hasSize(100)
                .doesNotHaveDuplicates();
    }

    @Test
    void whatCannotBeWrittenIsTriedAgainAMinuteLater() {
        List<Complaint> two =
                List.of(complaint("a", Complaint.FAILED_TO_BIND), complaint("b", Complaint.FAILED_TO_BIND));
        refusal = 403;
        events.tell(two);
        now = now.plus(Duration.ofSeconds(59));
        events.tell(two);
        assertThat(attempts)
                .as("no attempt with the next one, and none before the minute is over")
                .isEqualTo(1);
        now = now.plus(Duration.ofSeconds(1));
        refusal = 0;
        events.tell(two);
        assertThat(written).hasSize(2);
    }

    @Test
    void aNoteIsCutToWhatTheApiServerTakes() {
        events.tell(
                List.of(new Complaint(new ServiceKey("default", "web"), null, Complaint.NOT_SERVED, "x".repeat(2000))));
        assertThat(written.get(0).getMessage()).hasSize(1024).endsWith("x\u2026");
    }

    private static Complaint complaint(String service, String reason) {
        return new Complaint(new ServiceKey("default", service), "uid-" + service, reason, "why");
    }
}
