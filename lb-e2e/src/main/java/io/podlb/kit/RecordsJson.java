package io.podlb.kit;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Receipts as JSON, to be kept with the results of a test run.
 *
 * <p>Fields that {@code GET /api/v1/connections} of podlb has as well have the same names, units and spellings here:
 * {@code attempts} is how many there were, {@code tries} is what became of each, and milliseconds have decimals.
 * {@code id}, {@code family} and {@code frontend.bound} are missing, since a receipt does not have them.
 */
public final class RecordsJson {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    /** Ends the port of a flow in a receipt; as JSON the protocol has a field of its own. */
    static final String UDP = "/UDP";

    private static final int NANOS_IN_MILLIS_DIGITS = 6;

    private RecordsJson() {}

    /** An object with the fields {@code title}, {@code pods} and {@code connections}. */
    public static String of(Receipts receipts) {
        ObjectNode json = JSON.createObjectNode();
        json.put("title", receipts.title());
        receipts.pods().forEach(json.putArray("pods")::add);
        var connections = json.putArray("connections");
        receipts.records().forEach(record -> write(record, connections.addObject()));
        return JSON.writeValueAsString(json) + "\n";
    }

    /**
     * Writes {@link #of} to a file, which may exist; missing directories are made.
     *
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public static void write(Path file, Receipts receipts) {
        TextFile.write(file, of(receipts));
    }

    /**
     * What {@link #of} gave, so that what a run left behind can be drawn or compared later.
     *
     * @throws tools.jackson.core.JacksonException if it is not JSON, or a field is missing or of another kind
     * @throws IllegalArgumentException if an address or outcome is none
     */
    public static Receipts parse(String json) {
        JsonNode root = JSON.readTree(json);
        return new Receipts(
                root.required("title").stringValue(),
                strings("pods", root),
                root.required("connections")
                        .valueStream()
                        .map(ReceiptReader::read)
                        .toList());
    }

    private static void write(ConnectionRecord record, ObjectNode json) {
        int slash = record.service().indexOf('/');
        String port = record.port();
        json.put("ordinal", record.ordinal())
                .put("namespace", slash < 0 ? "" : record.service().substring(0, slash))
                .put("service", record.service().substring(slash + 1))
                .put("port", port.endsWith(UDP) ? port.substring(0, port.length() - UDP.length()) : port)
                .put("protocol", record.udp() ? "UDP" : "TCP")
                .put("client", BackendName.of(record.client()));
        json.putObject("frontend").put("kind", record.frontEnd());
        json.put("policy", record.policy());
        strings("candidates", record.candidates(), json);
        json.put("backend", record.backend() == null ? null : BackendName.of(record.backend()))
                .put("pod", record.pod())
                .put("pickReason", record.why())
                .put("attempts", record.attempts().size());
        var tries = json.putArray("tries");
        record.attempts().forEach(attempt -> write(attempt, tries.addObject()));
        strings("faults", record.faults(), json);
        json.put("bytesToBackend", record.bytesToBackend())
                .put("bytesToClient", record.bytesToClient())
                .put("startedMilliseconds", millis(record.started()))
                .put("milliseconds", millis(record.lasted()))
                .put("endReason", record.end())
                .put("failed", record.failed());
    }

    private static void write(Attempt attempt, ObjectNode json) {
        json.put("backend", BackendName.of(attempt.address()))
                .put("pod", attempt.pod())
                .put("pickReason", attempt.why())
                .put("outcome", attempt.outcome().label())
                .put("milliseconds", millis(attempt.took()));
    }

    private static void strings(String name, List<String> values, ObjectNode json) {
        values.forEach(json.putArray(name)::add);
    }

    static List<String> strings(String name, JsonNode json) {
        return json.required(name).valueStream().map(JsonNode::stringValue).toList();
    }

    private static BigDecimal millis(Duration time) {
        BigDecimal millis =
                BigDecimal.valueOf(time.toNanos(), NANOS_IN_MILLIS_DIGITS).stripTrailingZeros();
        return millis.scale() < 0 ? millis.setScale(0) : millis;
    }
}
