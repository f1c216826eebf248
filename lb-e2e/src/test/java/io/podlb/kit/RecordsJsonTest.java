package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podlb.kit.Attempt.Outcome;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecordsJsonTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final ConnectionRecord retried = new Receipt(7)
            .tried("web-2", Outcome.TIMED_OUT)
            .at(Duration.ofNanos(1_500_001), Duration.ofSeconds(100))
            .meeting("latency=2s; to=client")
            .on("we\"b\n")
            .made();
    private final ConnectionRecord open = new Receipt(1)
            .of("kube-system/dns", "53/UDP", true)
            .on(null, new InetSocketAddress("::1", 5353), "the only candidate left")
            .ended(null, false)
            .made();

    @Test
    void everyComponentIsWrittenInTheFieldsOfTheApi() {
        JsonNode json = JSON.readTree(
                RecordsJson.of(new Receipts("Service shop/web", List.of("web-1"), List.of(retried, open))));
        assertThat(json.get("title").asString()).isEqualTo("Service shop/web");
        assertThat(json.get("pods")).hasToString("[\"web-1\"]");
        assertThat(json.get("connections")).hasSize(2);
        assertThat(json.get("connections").get(0)).isEqualTo(JSON.readTree("""
                                {"ordinal": 7, "namespace": "shop", "service": "web", "port": "http", "protocol": "TCP",
                                 "client": "127.0.0.9:40007", "frontend": {"kind": "ClusterIP"}, "policy": "random",
                                 "candidates": ["web-1", "web-2", "web-3"], "backend": "%s", "pod": "we\\"b\\n",
                                 "pickReason": "random: one of 3", "attempts": 2,
                                 "tries": [
                                   {"backend": "%s", "pod": "web-2", "pickReason": "random: one of 3",
                                    "outcome": "timed-out", "milliseconds": 1},
                                   {"backend": "%s", "pod": "we\\"b\\n", "pickReason": "random: one of 3",
                                    "outcome": "connected", "milliseconds": 1}],
                                 "faults": ["latency=2s; to=client"],
                                 "bytesToBackend": 12, "bytesToClient": 340, "startedMilliseconds": 1.500001,
                                 "milliseconds": 100000, "endReason": "client-closed", "failed": false}
                                """.formatted(
                        BackendName.of(Receipt.addressOf("we\"b\n")),
                        BackendName.of(Receipt.addressOf("web-2")),
                        BackendName.of(Receipt.addressOf("we\"b\n")))));
        JsonNode flow = json.get("connections").get(1);
        assertThat(flow.get("port").asString()).isEqualTo("53");
        assertThat(flow.get("protocol").asString()).isEqualTo("UDP");
        assertThat(flow.get("backend").asString()).isEqualTo("[0:0:0:0:0:0:0:1]:5353");
        assertThat(flow.get("pod").isNull()).isTrue();
        assertThat(flow.get("endReason").isNull()).isTrue();
    }

    @Test
    void whatWasWrittenIsReadAsItWas() {
        Receipts receipts = new Receipts("Service shop/web", List.of("web-1"), List.of(retried, open));
        assertThat(RecordsJson.parse(RecordsJson.of(receipts))).isEqualTo(receipts);
        assertThat(RecordsJson.parse(RecordsJson.of(Receipts.of(List.of())))).isEqualTo(Receipts.of(List.of()));
    }

    @Test
    void whatIsNoReceiptIsRefused() {
        String json = RecordsJson.of(Receipts.of(List.of(retried)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordsJson.parse(json.replace("timed-out", "lost")))
                .withMessage("outcome: lost (expected: one of [connected, failed, timed-out, cancelled,"
                        + " local-failure])");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordsJson.parse(json.replace("127.0.0.9:40007", "here")))
                .withMessage("address: here (expected: as 10.0.0.1:80 or [fd00::1]:80)");
        assertThatThrownBy(() -> RecordsJson.parse(json.replace("bytesToClient", "bytes")))
                .isInstanceOf(JacksonException.class)
                .hasMessageContaining("bytesToClient");
    }

    @Test
    void numbersArePlain() {
        assertThat(RecordsJson.of(Receipts.of(List.of(retried)))).contains("\"milliseconds\" : 100000,");
    }

    @Test
    void theFileIsMadeWithItsDirectories(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a/b/records.json");
        RecordsJson.write(file, Receipts.of(List.of(retried)));
        assertThat(Files.readString(file)).isEqualTo(RecordsJson.of(Receipts.of(List.of(retried))));
    }
}
