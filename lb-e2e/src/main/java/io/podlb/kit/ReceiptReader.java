package io.podlb.kit;

import io.podlb.server.service.InetAddresses;
import java.math.BigDecimal;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads one record of what {@link RecordsJson} writes. */
final class ReceiptReader {

    private static final int NANOS_IN_MILLIS_DIGITS = 6;

    private ReceiptReader() {}

    static ConnectionRecord read(JsonNode json) {
        boolean udp = text("protocol", json).equals("UDP");
        return new ConnectionRecord(
                json.required("ordinal").longValue(),
                text("namespace", json) + "/" + text("service", json),
                text("port", json) + (udp ? RecordsJson.UDP : ""),
                udp,
                text("kind", json.required("frontend")),
                address(text("client", json)),
                text("policy", json),
                RecordsJson.strings("candidates", json),
                json.required("tries").valueStream().map(ReceiptReader::readTry).toList(),
                RecordsJson.strings("faults", json),
                textOrNull("pod", json),
                addressOrNull(textOrNull("backend", json)),
                textOrNull("pickReason", json),
                json.required("bytesToBackend").longValue(),
                json.required("bytesToClient").longValue(),
                millis("startedMilliseconds", json),
                millis("milliseconds", json),
                textOrNull("endReason", json),
                json.required("failed").booleanValue());
    }

    private static Attempt readTry(JsonNode json) {
        return new Attempt(
                textOrNull("pod", json),
                address(text("backend", json)),
                text("pickReason", json),
                outcome(text("outcome", json)),
                millis("milliseconds", json));
    }

    private static Attempt.Outcome outcome(String label) {
        return Arrays.stream(Attempt.Outcome.values())
                .filter(outcome -> outcome.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("outcome: " + label + " (expected: one of "
                        + List.of(Attempt.Outcome.values()).stream()
                                .map(Attempt.Outcome::label)
                                .toList() + ")"));
    }

    private static String text(String name, JsonNode json) {
        return json.required(name).stringValue();
    }

    private static @Nullable String textOrNull(String name, JsonNode json) {
        JsonNode value = json.required(name);
        return value.isNull() ? null : value.stringValue();
    }

    private static @Nullable InetSocketAddress addressOrNull(@Nullable String text) {
        return text == null ? null : address(text);
    }

    /** What {@link BackendName} writes of an address; a name is never resolved. */
    private static InetSocketAddress address(String text) {
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("address: " + text + " (expected: as 10.0.0.1:80 or [fd00::1]:80)");
        }
        String host = text.startsWith("[") ? text.substring(1, colon - 1) : text.substring(0, colon);
        return new InetSocketAddress(InetAddresses.parse(host), Integer.parseInt(text.substring(colon + 1)));
    }

    private static Duration millis(String name, JsonNode json) {
        BigDecimal millis = json.required(name).decimalValue();
        return Duration.ofNanos(millis.movePointRight(NANOS_IN_MILLIS_DIGITS).longValueExact());
    }
}
