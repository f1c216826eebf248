package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.kit.Attempt.Outcome;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class TimelineTest {

    private static final Timeline.Mark DRAIN = new Timeline.Mark(Duration.ofMillis(15), "web-1 drains");

    @Test
    void eachConnectionIsABarWithItsReceiptAndTheClassOfItsEnd() throws Exception {
        List<ConnectionRecord> records = List.of(
                new Receipt(1).on("web-1").made(),
                new Receipt(2).on("web-1").ended("drained", false).made(),
                new Receipt(3).on("web-2").ended("client-reset", true).made(),
                new Receipt(4).on("web-3").ended(null, false).made());
        Document svg = parsed(Timeline.svg(Receipts.of(records), List.of()));
        // One of each class is in the legend.
        assertThat(titles(svg, "rect", "well")).containsExactly(OneLine.of(records.get(0)));
        assertThat(titles(svg, "rect", "sent-away")).containsExactly(OneLine.of(records.get(1)));
        assertThat(titles(svg, "rect", "failed")).containsExactly(OneLine.of(records.get(2)));
        assertThat(titles(svg, "rect", "open")).containsExactly(OneLine.of(records.get(3)));
        assertThat(texts(svg))
                .contains("4 connections", "web-1", "web-2", "web-3", "(none)", "2 connections")
                .contains("ended well", "sent away in good order", "failed", "still open");
    }

    @Test
    void aFailedTryIsACrossInTheLaneOfThePodThatWasTried() throws Exception {
        ConnectionRecord record =
                new Receipt(1).tried("web-2", Outcome.FAILED).on("web-3").made();
        Document svg = parsed(Timeline.svg(Receipts.of(List.of(record)), List.of()));
        assertThat(titles(svg, "path", "failed-try"))
                .containsExactly("a try that came to nothing", "web-2 failed: " + OneLine.of(record));
        assertThat(texts(svg)).contains("0 connections", "tried in vain 1x");
    }

    @Test
    void marksAreNumberedLinesWithTheirText() throws Exception {
        Document svg = parsed(Timeline.svg(Receipts.of(Receipt.each("web-1", "web-2")), List.of(DRAIN)));
        assertThat(titles(svg, "g", "mark")).containsExactly("1: web-1 drains (15.000 ms)");
        assertThat(texts(svg)).contains("1: web-1 drains (15.000 ms)");
    }

    @Test
    void hostileNamesAreTextAndNothingElse() throws Exception {
        String hostile = "</title><script>alert('x')</script>&\"\u0000\u0007\uD800 \uD83D\uDE00 ]]>";
        Receipts receipts = new Receipts(
                hostile,
                List.of(hostile),
                List.of(new Receipt(1)
                        .among(hostile)
                        .tried(hostile, Outcome.FAILED)
                        .on(hostile)
                        .ended(hostile, true)
                        .made()));
        String text = Timeline.svg(receipts, List.of(new Timeline.Mark(Duration.ZERO, hostile)));
        Document svg = parsed(text);
        assertThat(svg.getElementsByTagName("script").getLength()).isZero();
        assertThat(titles(svg, "text", ""))
                .contains("</title><script>alert('x')</script>&\"\uFFFD\uFFFD\uFFFD \uD83D\uDE00 ]]>");
    }

    @Test
    void nothingOutsideIsNeeded() {
        String text = Timeline.svg(Receipts.of(Receipt.each("web-1")), List.of(DRAIN));
        assertThat(text.replace("http://www.w3.org/2000/svg", "")).doesNotContain("://", "href", "script", "url(");
    }

    @Test
    void overlappingConnectionsHaveRowsOfTheirOwn() throws Exception {
        List<ConnectionRecord> records = List.of(
                new Receipt(1)
                        .on("web-1")
                        .at(Duration.ZERO, Duration.ofSeconds(2))
                        .made(),
                new Receipt(2)
                        .on("web-1")
                        .at(Duration.ofSeconds(1), Duration.ofSeconds(2))
                        .made(),
                new Receipt(3)
                        .on("web-1")
                        .at(Duration.ofSeconds(4), Duration.ofSeconds(1))
                        .made());
        Lane lane = new Lane("web-1");
        records.forEach(lane::add);
        TimeAxis axis = TimeAxis.of(Receipts.of(records), List.of(), 0, 1000);
        assertThat(lane.bars(axis, 1)).extracting(Lane.Bar::row).containsExactly(0, 1, 0);
        assertThat(lane.bars(axis, 1)).extracting(Lane.Bar::x).containsExactly(0.0, 200.0, 800.0);
        assertThat(lane.bars(axis, 1)).extracting(Lane.Bar::width).containsExactly(400.0, 400.0, 200.0);
        assertThat(axis.step()).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void tooMuchToDrawIsCountedAndSaid() throws Exception {
        List<ConnectionRecord> records = new ArrayList<>();
        List<String> pods = IntStream.range(0, 100).mapToObj(i -> "web-" + i).toList();
        for (int i = 0; i < 20_000; i++) {
            records.add(new Receipt(i + 1)
                    .from("127.0.0.9", 40_000)
                    .among("web-1")
                    .tried(pods.get(i % 100), Outcome.FAILED)
                    .on(pods.get(i % 97))
                    .made());
        }
        List<Timeline.Mark> marks = IntStream.range(0, 70).mapToObj(i -> DRAIN).toList();
        String text = Timeline.svg(new Receipts("", pods, records), marks);
        assertThat(text).hasSizeLessThan(4_000_000);
        assertThat(texts(parsed(text)))
                .contains(
                        "20000 connections and 20000 failed tries are too many to draw each: columns count those that"
                                + " began in a span of time",
                        "the last 40 of 100 Pods share a lane",
                        "the last 20 of 70 marks are left out",
                        "(40 other Pods)");
        assertThat(titles(parsed(text), "rect", "well").stream()
                        .mapToInt(title -> Integer.parseInt(title.replaceAll(".*: (\\d+) ended well", "$1")))
                        .sum())
                .isEqualTo(20_000);
    }

    @Test
    void noConnectionIsAPictureToo() throws Exception {
        assertThat(texts(parsed(Timeline.svg(Receipts.of(List.of()), List.of()))))
                .contains("0 connections");
    }

    @Test
    void theFileIsMadeWithItsDirectories(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("a/timeline.svg");
        Receipts receipts = Receipts.of(Receipt.each("web-1"));
        Timeline.write(file, receipts, List.of(DRAIN));
        assertThat(Files.readString(file)).isEqualTo(Timeline.svg(receipts, List.of(DRAIN)));
    }

    private static Document parsed(String text) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private static List<String> texts(Document svg) {
        List<String> texts = new ArrayList<>();
        for (Element element : elements(svg, "text")) {
            for (Element span : elements(element, "tspan")) {
                texts.add(span.getTextContent());
            }
            texts.add(element.getTextContent());
        }
        return texts;
    }

    private static List<String> titles(Document svg, String element, String className) {
        List<String> titles = new ArrayList<>();
        for (Element shape : elements(svg, element)) {
            if (shape.getAttribute("class").equals(className)) {
                elements(shape, "title").forEach(title -> titles.add(title.getTextContent()));
            }
        }
        return titles;
    }

    private static List<Element> elements(Document parent, String name) {
        return elements(parent.getElementsByTagName(name));
    }

    private static List<Element> elements(Element parent, String name) {
        return elements(parent.getElementsByTagName(name));
    }

    private static List<Element> elements(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> (Element) nodes.item(i))
                .toList();
    }
}
