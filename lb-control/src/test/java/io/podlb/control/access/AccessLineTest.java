package io.podlb.control.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.server.relay.Attempt.Outcome;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.TrafficRules;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a line of the access log says, and that nobody's name makes it say something else. */
class AccessLineTest {

    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.25Z");

    private static AccessEntry entry(String port, String pod) {
        return new AccessEntry(TIME, Entries.connection(TrafficRules.AccessLog.ALL, port, pod));
    }

    @Test
    void aLineOfTextHasTheSameFieldsInTheSameOrder() {
        assertThat(AccessLine.TEXT.of(entry("http", "web-2")))
                .isEqualTo("time=2026-03-01T12:00:00.250Z service=default/web port=http protocol=TCP"
                        + " frontend=ClusterIP bound=10.96.0.10:80 client=192.0.2.9:50123 pod=web-2"
                        + " backend=10.244.0.12:8080 policy=random pick=\"random: one of 3\""
                        + " tries=\"10.244.0.11:8080 timed-out 1000 ms, 10.244.0.12:8080 connected 2 ms\""
                        + " to-backend=78 to-client=612 ms=1044 end=client-closed");
        assertThat(AccessLine.TEXT.of(new AccessEntry(TIME, Entries.rejected(TrafficRules.AccessLog.ALL))))
                .contains(" pod=- backend=- policy=random pick=- tries=\"\" ")
                .endsWith(" end=source-denied");
        assertThat(AccessLine.TEXT.of(new AccessEntry(
                        TIME, Entries.flow(TrafficRules.AccessLog.ALL, FlowEnd.IDLE_TIMEOUT, Outcome.CONNECTED))))
                .contains(" port=dns protocol=UDP ", " pod=dns-1 ", " to-backend=40 to-client=90 ms=30000 ")
                .endsWith(" end=idle-timeout");
    }

    @Test
    void aLineOfJsonHasTheNamesOfTheAdminEndpoint() {
        String line = AccessLine.JSON.of(entry("http", "web-2"));
        assertThat(line)
                .isEqualTo("{\"time\":\"2026-03-01T12:00:00.250Z\",\"namespace\":\"default\",\"service\":\"web\","
                        + "\"port\":\"http\",\"protocol\":\"TCP\",\"family\":\"IPv4\",\"client\":\"192.0.2.9:50123\","
                        + "\"frontend\":{\"kind\":\"ClusterIP\",\"bound\":\"10.96.0.10:80\"},\"pod\":\"web-2\","
                        + "\"backend\":\"10.244.0.12:8080\",\"policy\":\"random\",\"pickReason\":\"random: one of 3\","
                        + "\"tries\":[{\"backend\":\"10.244.0.11:8080\",\"pod\":\"web-1\",\"outcome\":\"timed-out\","
                        + "\"milliseconds\":1000},{\"backend\":\"10.244.0.12:8080\",\"pod\":\"web-2\","
                        + "\"outcome\":\"connected\",\"milliseconds\":2}],\"bytesToBackend\":78,"
                        + "\"bytesToClient\":612,\"milliseconds\":1044,\"endReason\":\"client-closed\"}");
    }

    @Test
    void aNameCanNeitherBeginALineNorAField() {
        List<String[]> rows = List.of(
                new String[] {"a new line", "web\nend=ok", "\"web\\nend=ok\""},
                new String[] {"a carriage return", "web\rx", "\"web\\rx\""},
                new String[] {"a space and a field", "web end=ok", "\"web end=ok\""},
                new String[] {"a quote", "web\" end=ok", "\"web\\\" end=ok\""},
                new String[] {"a backslash before the quote", "web\\", "\"web\\\\\""},
                new String[] {"a tab", "a\tb", "\"a\\tb\""},
                new String[] {"an escape sequence of terminals", "\u001b[31mred", "\"\\u001b[31mred\""},
                new String[] {"a null byte", "a\0b", "\"a\\u0000b\""},
                new String[] {"a delete", "a\u007fb", "\"a\\u007fb\""},
                new String[] {"a line of Unicode", "a\u2028b\u0085c", "\"a\\u2028b\\u0085c\""},
                new String[] {"text from right to left", "a\u202eb", "\"a\\u202eb\""},
                new String[] {"a letter that looks like another", "w\u0435b", "\"w\\u0435b\""},
                new String[] {"what stands for nothing", "-", "\"-\""},
                new String[] {"nothing", "", "\"\""},
                new String[] {"a plain name", "web-1.example", "web-1.example"});
        for (String[] row : rows) {
            String text = AccessLine.TEXT.of(entry(row[1], row[1]));
            assertThat(text).as(row[0]).contains(" port=" + row[2] + " protocol=", " pod=" + row[2] + " backend=");
            assertThat(text.chars()).as(row[0]).allMatch(c -> c >= ' ' && c <= '~');
            String json = AccessLine.JSON.of(entry(row[1], row[1]));
            assertThat(json.lines()).as(row[0]).hasSize(1);
            JsonNode read = new JsonMapper().readTree(json);
            assertThat(read.get("pod").asString()).as(row[0]).isEqualTo(row[1]);
            assertThat(read.get("endReason").asString()).as(row[0]).isEqualTo("client-closed");
        }
    }
}
