package io.podlb.kit;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Records and parts of them as text of one line. Names are foreign text: what would break the line is escaped. */
final class OneLine {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private OneLine() {}

    /** The text with control characters and line breaks as {@code \}{@code u000a}. */
    static String of(String foreign) {
        StringBuilder text = new StringBuilder(foreign.length());
        foreign.codePoints().forEach(point -> {
            if (breaks(point)) {
                text.append(String.format(Locale.ROOT, "\\u%04x", point));
            } else {
                text.appendCodePoint(point);
            }
        });
        return text.toString();
    }

    private static boolean breaks(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            default -> false;
        };
    }

    /** {@code 1.250 s}, or {@code 1.250 ms} below a second. */
    static String of(Duration time) {
        long nanos = time.toNanos();
        return Math.abs(nanos) >= NANOS_PER_SECOND
                ? String.format(Locale.ROOT, "%.3f s", nanos / 1e9)
                : String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
    }

    /** {@code shop/web:http}. */
    static String servicePort(ConnectionRecord record) {
        return of(record.service() + ":" + record.port());
    }

    /** {@code web-1 failed, web-2 connected}. */
    static String tries(List<Attempt> attempts) {
        StringJoiner text = new StringJoiner(", ");
        attempts.forEach(attempt ->
                text.add(of(BackendName.of(attempt)) + " " + attempt.outcome().label()));
        return text.toString();
    }

    /** How it ended, or that it has not. */
    static String end(ConnectionRecord record) {
        return of(orElse(record.end(), "open"));
    }

    /** The whole of it. */
    static String of(ConnectionRecord record) {
        StringBuilder text = new StringBuilder(servicePort(record))
                .append(" #")
                .append(record.ordinal())
                .append(" from ")
                .append(BackendName.of(record.client()))
                .append(" by ")
                .append(of(record.frontEnd()))
                .append(" to ")
                .append(of(BackendName.orNone(record)));
        if (record.why() != null) {
            text.append(" (").append(of(record.why())).append(')');
        }
        if (record.attempts().size() != 1) {
            text.append(", tries: ").append(record.attempts().isEmpty() ? "none" : tries(record.attempts()));
        }
        if (!record.faults().isEmpty()) {
            text.append(", faults: ").append(of(String.join(" | ", record.faults())));
        }
        return text.append(", began at ")
                .append(of(record.started()))
                .append(", lasted ")
                .append(of(record.lasted()))
                .append(", ")
                .append(record.bytesToBackend())
                .append(" bytes to the Pod, ")
                .append(record.bytesToClient())
                .append(" to the client, ")
                .append(end(record))
                .append(record.failed() ? " (failed)" : "")
                .toString();
    }

    static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }
}
