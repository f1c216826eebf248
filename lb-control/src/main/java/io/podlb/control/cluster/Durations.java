package io.podlb.control.cluster;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as people write them: {@code 500ms}, {@code 10s}, {@code 1m30s}, {@code 1h}. */
public final class Durations {

    private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    /** Sums of clock readings in nanoseconds must not overflow. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private static final List<Map.Entry<String, Long>> DESCENDING = UNITS.entrySet().stream()
            .map(unit -> Map.entry(unit.getKey(), unit.getValue().toMillis()))
            .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
            .toList();

    private Durations() {}

    /**
     * Reads one; zero is allowed.
     *
     * @throws IllegalArgumentException with what was expected, as a clause
     */
    public static Duration parse(String value) {
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(value);
        int end = 0;
        while (part.find() && part.start() == end) {
            sum = sum.plus(
                    UNITS.getOrDefault(part.group(2), Duration.ZERO).multipliedBy(Long.parseLong(part.group(1))));
            end = part.end();
        }
        if (end == 0 || end < value.length()) {
            throw new IllegalArgumentException("like 500ms, 10s, 1m30s or 1h");
        }
        if (sum.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("at most " + LONGEST.toDays() + "d");
        }
        return sum;
    }

    /** The shortest way to write it, as {@code 1m30s}. */
    public static String text(Duration time) {
        StringBuilder text = new StringBuilder();
        long millis = time.toMillis();
        for (Map.Entry<String, Long> unit : DESCENDING) {
            long count = millis / unit.getValue();
            if (count > 0) {
                text.append(count).append(unit.getKey());
                millis -= count * unit.getValue();
            }
        }
        return text.isEmpty() ? "0s" : text.toString();
    }

    /**
     * The same without zero.
     *
     * @throws IllegalArgumentException with what was expected, as a clause
     */
    public static Duration parsePositive(String value) {
        Duration duration = parse(value);
        if (duration.isZero()) {
            throw new IllegalArgumentException("longer than nothing, like 10s");
        }
        return duration;
    }
}
