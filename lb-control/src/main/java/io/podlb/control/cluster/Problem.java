package io.podlb.control.cluster;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that a person should mend: one line that says what, where and what to do.
 *
 * @param severity whether the object is left out or works all the same
 * @param origin where it was read; null if it came from no file
 * @param object {@code Service default/web}; null if the problem is the file itself
 * @param field path of the field as in {@code spec.ports[0].nodePort}; null if there is none to name
 * @param message what is wrong, with the value found
 * @param remedy what to do
 */
public record Problem(
        Severity severity,
        @Nullable Origin origin,
        @Nullable String object,
        @Nullable String field,
        String message,
        String remedy) {

    private static final int MAX_SHOWN = 80;

    /** How bad it is. */
    public enum Severity {
        /** The object, or the part named, is not served. */
        ERROR,
        /** It is served, but not as somebody might think. */
        WARNING,
        /** Nothing to mend; worth knowing. */
        NOTE
    }

    /** A value as messages show it: text in quotes, on one line, and not longer than a reader can bear. */
    public static String shown(@Nullable Object value) {
        if (value instanceof Map) {
            return "a mapping";
        }
        if (value instanceof Collection) {
            return "a list";
        }
        String text = String.valueOf(value);
        text = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "\u2026";
        text = oneLine(text);
        return value instanceof CharSequence ? "\"" + text + "\"" : text;
    }

    private static String oneLine(String text) {
        if (text.chars().noneMatch(Problem::breaksLine)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder();
        text.chars()
                .forEach(c -> escaped.append(breaksLine(c) ? String.format("\\u%04x", c) : String.valueOf((char) c)));
        return escaped.toString();
    }

    private static boolean breaksLine(int c) {
        return Character.isISOControl(c) || c == 0x2028 || c == 0x2029 || c >= 0x202a && c <= 0x202e;
    }

    /** {@code web.yaml, document 2: Service default/web: spec.ports[0].nodePort: 80 is out of range; use …}. Always one line. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        for (Object part : new @Nullable Object[] {origin, object, field}) {
            if (part != null) {
                line.append(part).append(": ");
            }
        }
        line.append(message);
        if (!remedy.isEmpty()) {
            line.append("; ").append(remedy);
        }
        return oneLine(line.toString());
    }
}
