package io.podlb.kit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Connections over the time of a test as a picture: an SVG file that needs nothing else, for a browser. Each Pod has a
 * lane, each connection a bar in the colour of how it ended, each try that came to nothing a cross in the lane of the
 * Pod that was tried; the pointer on any of them shows its receipt.
 *
 * <pre>{@code
 * Timeline.write(
 *         Path.of("target/rollout.svg"),
 *         receipts,
 *         List.of(new Timeline.Mark(drain, "web-1 drains"), new Timeline.Mark(crash, "web-2 crashes")));
 * }</pre>
 *
 * <p>The size is bounded, and what is not shown is said: of more than {@value #MOST_BARS} connections or failed tries
 * only the counts over time are drawn, further Pods share one lane, and further marks are left out.
 */
public final class Timeline {

    /** Up to here each connection has a bar, and each failed try a cross. */
    static final int MOST_BARS = 2_000;

    static final int MOST_LANES = 60;
    static final int MOST_MARKS = 50;

    /**
     * Something that happened at one moment.
     *
     * @param at since the start of the lab
     * @param text a few words for people
     */
    public record Mark(Duration at, String text) {}

    private Timeline() {}

    /**
     * Writes {@link #svg} to a file, which may exist; missing directories are made.
     *
     * @throws java.io.UncheckedIOException if it cannot be written
     */
    public static void write(Path file, Receipts receipts, List<Mark> marks) {
        TextFile.write(file, svg(receipts, marks));
    }

    /** The text of the SVG document. */
    public static String svg(Receipts receipts, List<Mark> marks) {
        List<Mark> shown = marks.subList(0, Math.min(marks.size(), MOST_MARKS));
        List<Lane> lanes = lanes(receipts);
        int tries = lanes.stream().mapToInt(lane -> lane.failedTries().size()).sum();
        boolean counted = receipts.records().size() > MOST_BARS || tries > MOST_BARS;
        List<String> notes = new ArrayList<>();
        if (counted) {
            notes.add(receipts.records().size() + " connections and " + tries
                    + " failed tries are too many to draw each: columns count those that began in a span of time");
        }
        int pods = receipts.names().size();
        if (pods > MOST_LANES) {
            notes.add("the last " + (pods - MOST_LANES) + " of " + pods + " Pods share a lane");
        }
        if (marks.size() > shown.size()) {
            notes.add("the last " + (marks.size() - shown.size()) + " of " + marks.size() + " marks are left out");
        }
        return new TimelineDrawing(receipts, lanes, shown, notes, counted).draw();
    }

    private static List<Lane> lanes(Receipts receipts) {
        Map<String, Lane> lanes = new LinkedHashMap<>();
        Set<String> names = receipts.names();
        Lane others = new Lane("(" + (names.size() - MOST_LANES) + " other Pods)");
        for (String name : names) {
            lanes.put(name, lanes.size() < MOST_LANES ? new Lane(name) : others);
        }
        Lane none = new Lane(BackendName.NONE);
        for (ConnectionRecord record : receipts.records()) {
            lanes.getOrDefault(BackendName.orNone(record), none).add(record);
            Duration at = record.started();
            for (Attempt attempt : record.attempts()) {
                at = at.plus(attempt.took());
                if (attempt.outcome() != Attempt.Outcome.CONNECTED) {
                    lanes.getOrDefault(BackendName.of(attempt), none).add(new Lane.FailedTry(record, attempt, at));
                }
            }
        }
        List<Lane> distinct = new ArrayList<>(lanes.values().stream().distinct().toList());
        distinct.add(none);
        return distinct;
    }
}
