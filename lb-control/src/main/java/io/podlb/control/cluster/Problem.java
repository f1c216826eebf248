package io.podlb.control.cluster;

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

    /** How bad it is. */
    public enum Severity {
        /** The object, or the part named, is not served. */
        ERROR,
        /** It is served, but not as somebody might think. */
        WARNING,
        /** Nothing to mend; worth knowing. */
        NOTE
    }

    /** {@code web.yaml, document 2: Service default/web: spec.ports[0].nodePort: 80 is out of range; use …}. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        for (Object part : new @Nullable Object[] {origin, object, field}) {
            if (part != null) {
                line.append(part).append(": ");
            }
        }
        line.append(message);
        return remedy.isEmpty()
                ? line.toString()
                : line.append("; ").append(remedy).toString();
    }
}
