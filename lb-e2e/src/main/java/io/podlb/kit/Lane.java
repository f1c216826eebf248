package io.podlb.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One Pod of a timeline: its connections, each in a row where it has room, and the tries of it that failed. */
final class Lane {

    private static final int MOST_ROWS = 12;
    private static final double GAP_PIXELS = 1;

    /**
     * A connection in its row, from 0.
     *
     * @param ending how it is drawn
     */
    record Bar(ConnectionRecord record, Ending ending, int row, double x, double width) {}

    /**
     * A try that came to nothing.
     *
     * @param at when it did
     */
    record FailedTry(ConnectionRecord record, Attempt attempt, Duration at) {}

    private final String name;
    private final List<ConnectionRecord> records = new ArrayList<>();
    private final List<FailedTry> failedTries = new ArrayList<>();

    Lane(String name) {
        this.name = name;
    }

    void add(ConnectionRecord record) {
        records.add(record);
    }

    void add(FailedTry failedTry) {
        failedTries.add(failedTry);
    }

    String name() {
        return name;
    }

    List<ConnectionRecord> records() {
        return records;
    }

    List<FailedTry> failedTries() {
        return failedTries;
    }

    /** How many it had, in a few words. */
    String connections() {
        long failed = records.stream().filter(ConnectionRecord::failed).count();
        return records.size()
                + (records.size() == 1 ? " connection" : " connections")
                + (failed == 0 ? "" : ", " + failed + " failed");
    }

    /** Each in the first row that is free; in the one that is free soonest where none is. */
    List<Bar> bars(TimeAxis axis, double least) {
        List<Double> ends = new ArrayList<>();
        List<Bar> bars = new ArrayList<>();
        List<ConnectionRecord> byTime = records.stream()
                .sorted(Comparator.comparing(ConnectionRecord::started))
                .toList();
        for (ConnectionRecord record : byTime) {
            double x = axis.x(record.started());
            double end = Math.max(x + least, axis.x(record.started().plus(record.lasted())));
            int row = row(ends, x);
            ends.set(row, Math.max(ends.get(row), end + GAP_PIXELS));
            bars.add(new Bar(record, Ending.of(record), row, x, end - x));
        }
        return bars;
    }

    private static int row(List<Double> ends, double x) {
        int soonest = 0;
        for (int i = 0; i < ends.size(); i++) {
            if (ends.get(i) <= x) {
                return i;
            }
            soonest = ends.get(i) < ends.get(soonest) ? i : soonest;
        }
        if (ends.size() == MOST_ROWS) {
            return soonest;
        }
        ends.add(0.0);
        return ends.size() - 1;
    }
}
