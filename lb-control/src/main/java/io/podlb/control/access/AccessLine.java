package io.podlb.control.access;

import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.RelayView;
import io.podlb.server.service.ServicePortName;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Forms of a line of the access log. Names come from manifests and API servers and can be anything: whatever they are, a
 * line stays one line, and its fields stay apart.
 */
public enum AccessLine {
    /** {@code key=value} in a fixed order; a value that is more than a plain word is in quotes. */
    TEXT {
        @Override
        String of(AccessEntry entry) {
            RelayView view = entry.view();
            ServicePortName port = view.port();
            StringBuilder line = new StringBuilder(384);
            field(line, "time", TIME.format(entry.time()));
            field(line, "service", port.namespace() + "/" + port.service());
            field(line, "port", port.port());
            field(line, "protocol", port.protocol().name());
            field(line, "frontend", view.frontend().kind().label());
            field(line, "bound", view.frontend().bind().toString());
            field(line, "client", view.client().toString());
            field(line, "pod", view.pod());
            field(line, "backend", text(view.backend()));
            field(line, "policy", view.policy());
            field(line, "pick", text(view.pickReason()));
            field(line, "tries", view.tries().stream().map(AccessLine::text).collect(Collectors.joining(", ")));
            field(line, "to-backend", Long.toString(view.bytesToBackend()));
            field(line, "to-client", Long.toString(view.bytesToClient()));
            field(line, "ms", Long.toString(view.millis()));
            field(line, "end", view.endLabel());
            return line.toString();
        }
    },
    /** One JSON object, with the names of {@code /api/v1/connections}. */
    JSON {
        @Override
        String of(AccessEntry entry) {
            RelayView view = entry.view();
            ServicePortName port = view.port();
            ObjectNode json = MAPPER.createObjectNode();
            json.put("time", TIME.format(entry.time()))
                    .put("namespace", port.namespace())
                    .put("service", port.service())
                    .put("port", port.port())
                    .put("protocol", port.protocol().name())
                    .put("family", port.family().kubernetesName())
                    .put("client", view.client().toString());
            json.putObject("frontend")
                    .put("kind", view.frontend().kind().label())
                    .put("bound", view.frontend().bind().toString());
            json.put("pod", view.pod())
                    .put("backend", text(view.backend()))
                    .put("policy", view.policy())
                    .put("pickReason", text(view.pickReason()));
            ArrayNode tries = json.putArray("tries");
            for (Attempt attempt : view.tries()) {
                tries.addObject()
                        .put("backend", attempt.backend().address().toString())
                        .put("pod", attempt.backend().pod())
                        .put("outcome", attempt.outcome().label())
                        .put("milliseconds", millis(attempt));
            }
            json.put("bytesToBackend", view.bytesToBackend())
                    .put("bytesToClient", view.bytesToClient())
                    .put("milliseconds", view.millis())
                    .put("endReason", view.endLabel());
            return MAPPER.writeValueAsString(json);
        }
    };

    private static final JsonMapper MAPPER = JsonMapper.builder().build();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    /** The line without its end. */
    abstract String of(AccessEntry entry);

    private static String text(Attempt attempt) {
        return attempt.backend().address() + " " + attempt.outcome().label() + " " + millis(attempt) + " ms";
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static long millis(Attempt attempt) {
        return TimeUnit.NANOSECONDS.toMillis(attempt.nanos());
    }

    private static void field(StringBuilder line, String key, @Nullable String value) {
        if (line.length() > 0) {
            line.append(' ');
        }
        line.append(key).append('=');
        if (value == null) {
            line.append('-');
        } else if (!value.equals("-") && value.chars().allMatch(AccessLine::isPlain) && !value.isEmpty()) {
            line.append(value);
        } else {
            quote(line, value);
        }
    }

    private static boolean isPlain(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._:/[]%".indexOf(c) >= 0;
    }

    /** Whatever is no printable ASCII is escaped: control characters, and what only looks like something else. */
    private static void quote(StringBuilder line, String value) {
        line.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"', '\\' -> line.append('\\').append(c);
                case '\n' -> line.append("\\n");
                case '\r' -> line.append("\\r");
                case '\t' -> line.append("\\t");
                default -> {
                    if (c < ' ' || c > '~') {
                        line.append(String.format("\\u%04x", (int) c));
                    } else {
                        line.append(c);
                    }
                }
            }
        }
        line.append('"');
    }
}
