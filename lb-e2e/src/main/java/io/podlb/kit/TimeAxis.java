package io.podlb.kit;

import java.time.Duration;
import java.util.List;

/**
 * A span of a lab's time, laid out from left to right.
 *
 * @param from its first moment, in nanoseconds since the start of the lab
 * @param to its last moment, after the first
 * @param left where the first moment is, in pixels
 * @param width from the first moment to the last, in pixels
 */
record TimeAxis(long from, long to, int left, int width) {

    /** From the first that is known of to the last. */
    static TimeAxis of(Receipts receipts, List<Timeline.Mark> marks, int left, int width) {
        long from = Long.MAX_VALUE;
        long to = Long.MIN_VALUE;
        for (ConnectionRecord record : receipts.records()) {
            from = Math.min(from, record.started().toNanos());
            to = Math.max(to, record.started().plus(record.lasted()).toNanos());
        }
        for (Timeline.Mark mark : marks) {
            from = Math.min(from, mark.at().toNanos());
            to = Math.max(to, mark.at().toNanos());
        }
        if (from > to) {
            from = 0;
            to = 0;
        }
        long shortest = Duration.ofMillis(1).toNanos();
        return new TimeAxis(from, Math.max(to, from + shortest), left, width);
    }

    double x(Duration at) {
        return left + (double) (at.toNanos() - from) / (to - from) * width;
    }

    /** Which of that many equal parts of the span a moment of it lies in. */
    int part(Duration at, int parts) {
        return (int) Math.min(parts - 1, (long) ((x(at) - left) / width * parts));
    }

    Duration start(int part, int parts) {
        return Duration.ofNanos(from + (long) ((double) (to - from) / parts * part));
    }

    /** Distance of ticks: 1, 2 or 5 times a power of ten, so that there are about ten. */
    Duration step() {
        long step = 1;
        for (int i = 0; (to - from) / step > 10; i++) {
            step = i % 3 == 1 ? step / 2 * 5 : step * 2;
        }
        return Duration.ofNanos(step);
    }
}
