package io.podlb.kit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Draws one timeline, from top to bottom: heading, notes, legend, marks, lanes, time. Used once. */
final class TimelineDrawing {

    private static final int WIDTH = 1240;
    private static final int LEFT = 240;
    private static final int PLOT = 960;
    private static final int MARGIN = 16;
    private static final int LINE = 18;
    private static final int ROW = 10;
    private static final int LEAST_LANE = 52;
    private static final double LEAST_BAR = 2.0;
    private static final int COLUMNS = 120;
    private static final int LONGEST_NAME = 30;
    private static final String MARK = "#CC79A7";
    private static final String CROSS = "#000000";

    private final Receipts receipts;
    private final List<Lane> lanes;
    private final List<Timeline.Mark> marks;
    private final List<String> notes;
    private final boolean counted;
    private final TimeAxis axis;
    private final List<List<Lane.Bar>> bars;
    private final int[] heights;
    private final int top;
    private final int most;
    private final Svg svg;

    TimelineDrawing(
            Receipts receipts, List<Lane> lanes, List<Timeline.Mark> marks, List<String> notes, boolean counted) {
        this.receipts = receipts;
        this.lanes = lanes;
        this.marks = marks;
        this.notes = notes;
        this.counted = counted;
        axis = TimeAxis.of(receipts, marks, LEFT, PLOT);
        bars = lanes.stream()
                .map(lane -> counted ? List.<Lane.Bar>of() : lane.bars(axis, LEAST_BAR))
                .toList();
        heights = bars.stream().mapToInt(TimelineDrawing::height).toArray();
        most = mostInAColumn();
        top = MARGIN + LINE * (3 + notes.size() + marks.size());
        svg = new Svg(WIDTH, bottom() + 2 * LINE);
    }

    private static int height(List<Lane.Bar> bars) {
        int rows = bars.stream().mapToInt(Lane.Bar::row).max().orElse(0) + 1;
        return Math.max(LEAST_LANE, (rows + 1) * ROW);
    }

    private int bottom() {
        int bottom = top;
        for (int height : heights) {
            bottom += height;
        }
        return bottom;
    }

    String draw() {
        svg.text("title", heading());
        svg.text("style", "text { font: 12px sans-serif; fill: #222 } .small { font-size: 10px; fill: #555 }");
        svg.open("rect", "width", WIDTH, "height", bottom() + 2 * LINE, "fill", "#fff")
                .close();
        int y = MARGIN + LINE / 2;
        svg.text("text", heading(), "x", MARGIN, "y", y, "font-weight", "bold");
        for (String note : notes) {
            y += LINE;
            svg.text("text", note, "x", MARGIN, "y", y);
        }
        legend(y + LINE);
        ticks();
        int laneTop = top;
        for (int i = 0; i < lanes.size(); i++) {
            lane(i, laneTop);
            laneTop += heights[i];
        }
        // Over the bars, since a moment is what one looks for.
        marks(y + 2 * LINE);
        return svg.finish();
    }

    private String heading() {
        int size = receipts.records().size();
        return (receipts.title().isEmpty() ? "" : receipts.title() + ": ")
                + size
                + (size == 1 ? " connection" : " connections");
    }

    private void legend(int y) {
        int x = MARGIN;
        for (Ending ending : Ending.values()) {
            rect(x, y - 9, 14, 9, ending);
            svg.close();
            svg.text("text", ending.label, "x", x + 20, "y", y);
            x += 190;
        }
        cross(x + 5.0, y - 5.0, 4, "a try that came to nothing");
        svg.text("text", "a try that came to nothing", "x", x + 20, "y", y);
    }

    private void ticks() {
        Duration step = axis.step();
        long first = Math.floorDiv(axis.from() - 1, step.toNanos()) + 1;
        for (long at = first * step.toNanos(); at <= axis.to(); at += step.toNanos()) {
            Duration moment = Duration.ofNanos(at);
            double x = axis.x(moment);
            line(x, top, x, bottom(), "#ddd", "none");
            svg.text(
                    "text",
                    moment.isZero() ? "0" : OneLine.of(moment),
                    "x",
                    x,
                    "y",
                    bottom() + LINE,
                    "text-anchor",
                    "middle",
                    "class",
                    "small");
        }
    }

    private void lane(int index, int laneTop) {
        Lane lane = lanes.get(index);
        line(MARGIN, laneTop, LEFT + PLOT, laneTop, "#bbb", "none");
        svg.open("text", "x", MARGIN, "y", laneTop + 16)
                .text("title", lane.name())
                .text("tspan", shortened(lane.name()))
                .close();
        svg.text("text", lane.connections(), "x", MARGIN, "y", laneTop + 30, "class", "small");
        if (!lane.failedTries().isEmpty()) {
            String tries = "tried in vain " + lane.failedTries().size() + "x";
            svg.text("text", tries, "x", MARGIN, "y", laneTop + 42, "class", "small");
        }
        if (counted) {
            columns(lane, laneTop, heights[index] - 6);
            return;
        }
        for (Lane.Bar bar : bars.get(index)) {
            rect(bar.x(), laneTop + 5 + bar.row() * ROW, bar.width(), ROW - 2, bar.ending());
            svg.text("title", OneLine.of(bar.record())).close();
        }
        for (Lane.FailedTry failed : lane.failedTries()) {
            String what = OneLine.of(BackendName.of(failed.attempt())) + " "
                    + failed.attempt().outcome().label() + ": " + OneLine.of(failed.record());
            cross(axis.x(failed.at()), laneTop + heights[index] - 6.0, 4, what);
        }
    }

    private void columns(Lane lane, int laneTop, int height) {
        List<Map<Ending, Integer>> counts = new ArrayList<>();
        for (int part = 0; part < COLUMNS; part++) {
            counts.add(new EnumMap<>(Ending.class));
        }
        lane.records()
                .forEach(record ->
                        counts.get(axis.part(record.started(), COLUMNS)).merge(Ending.of(record), 1, Integer::sum));
        int[] failed = new int[COLUMNS];
        lane.failedTries().forEach(failedTry -> failed[axis.part(failedTry.at(), COLUMNS)]++);
        double width = (double) PLOT / COLUMNS;
        for (int part = 0; part < COLUMNS; part++) {
            String span = lane.name() + ", " + OneLine.of(axis.start(part, COLUMNS)) + " to "
                    + OneLine.of(axis.start(part + 1, COLUMNS)) + ": ";
            double x = LEFT + part * width;
            column(counts.get(part), span, x, width - 1, laneTop + 3.0 + height, height);
            if (failed[part] > 0) {
                cross(x + width / 2, laneTop + 6.0, 3, span + "tried in vain " + failed[part] + "x");
            }
        }
    }

    private void column(Map<Ending, Integer> counts, String span, double x, double width, double foot, int height) {
        double y = foot;
        for (Map.Entry<Ending, Integer> entry : counts.entrySet()) {
            double high = (double) entry.getValue() / most * height;
            y -= high;
            rect(x, y, width, high, entry.getKey());
            svg.text("title", span + entry.getValue() + " " + entry.getKey().label)
                    .close();
        }
    }

    /** All lanes have one scale, so that they can be compared. */
    private int mostInAColumn() {
        int most = 1;
        for (Lane lane : lanes) {
            int[] counts = new int[COLUMNS];
            for (ConnectionRecord record : lane.records()) {
                most = Math.max(most, ++counts[axis.part(record.started(), COLUMNS)]);
            }
        }
        return most;
    }

    private void marks(int firstLine) {
        for (int i = 0; i < marks.size(); i++) {
            Timeline.Mark mark = marks.get(i);
            String text = (i + 1) + ": " + OneLine.of(mark.text()) + " (" + OneLine.of(mark.at()) + ")";
            double x = axis.x(mark.at());
            svg.text("text", text, "x", MARGIN, "y", firstLine + i * LINE);
            svg.open("g", "class", "mark");
            svg.text("title", text);
            line(x, top - 4.0, x, bottom(), MARK, "5 3");
            svg.text("text", Integer.toString(i + 1), "x", x, "y", top - 6, "text-anchor", "middle");
            svg.close();
        }
    }

    /** Begins a rectangle; whoever calls ends it. */
    private void rect(double x, double y, double width, double height, Ending ending) {
        svg.open("rect", "x", x, "y", y, "width", width, "height", height, "rx", 1);
        svg.attributes("class", ending.className(), "fill", ending.colour);
        svg.attributes("stroke", ending.outline(), "stroke-width", 0.5);
    }

    private void cross(double x, double y, int arm, String title) {
        String path = String.format(
                Locale.ROOT,
                "M%1$.1f %3$.1fL%2$.1f %4$.1fM%1$.1f %4$.1fL%2$.1f %3$.1f",
                x - arm,
                x + arm,
                y - arm,
                y + arm);
        svg.shape("path", title, "d", path, "stroke", CROSS, "stroke-width", 2, "class", "failed-try");
    }

    private void line(double x1, double y1, double x2, double y2, String colour, String dashes) {
        svg.open("line", "x1", x1, "y1", y1, "x2", x2, "y2", y2, "stroke", colour, "stroke-dasharray", dashes)
                .close();
    }

    private static String shortened(String name) {
        int length = name.codePointCount(0, name.length());
        return length <= LONGEST_NAME
                ? OneLine.of(name)
                : OneLine.of(name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME - 1))) + "…";
    }
}
