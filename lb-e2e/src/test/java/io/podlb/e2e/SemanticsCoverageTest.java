package io.podlb.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code semantics-coverage.md} says which test shows which rule of Services; here it is held to what it says. */
class SemanticsCoverageTest {

    private static final Pattern HEADING = Pattern.compile("## (\\d+)\\. [^:]*: \\1\\.1 to \\1\\.(\\d+)");
    private static final Pattern METHOD = Pattern.compile("(\\w+\\.\\w+)#(\\w+)");
    private static final Pattern ROW = Pattern.compile("(\\w+\\.\\w+) \"([^\"]+)\"");
    private static final Pattern README = Pattern.compile("README \"([^\"]+)\"");
    private static final Pattern JAVADOC = Pattern.compile("Javadoc (\\w+\\.[\\w-]+)");

    /** One line of a table: a rule or a test of upstream, and what shows it. */
    private record Line(String rule, String words, List<String> references) {

        boolean isRule() {
            return rule.matches("[0-9.]+");
        }
    }

    private static final SourceTree sources = new SourceTree();
    private static final List<Line> lines = new ArrayList<>();
    private static final List<Matcher> sections = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        try (InputStream listing = SemanticsCoverageTest.class.getResourceAsStream("/semantics-coverage.md")) {
            assertThat(listing).isNotNull();
            for (String line : new String(listing.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                Matcher heading = HEADING.matcher(line);
                if (heading.matches()) {
                    sections.add(heading);
                } else if (line.startsWith("| ") && !line.contains("| shown by |")) {
                    String[] cells = line.substring(2, line.length() - 2).split(" \\| ", -1);
                    List<String> references = List.of(cells[cells.length - 1].split("; (?=[a-zA-Z])"));
                    lines.add(
                            cells.length == 3
                                    ? new Line(cells[0], cells[1], references)
                                    : new Line("upstream", cells[0], references));
                }
            }
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        List<String> astray = new ArrayList<>();
        for (Line line : lines) {
            line.references().stream()
                    .filter(reference -> place(reference).isEmpty())
                    .forEach(reference -> astray.add(line.rule() + " " + line.words() + ": " + reference));
        }
        assertThat(astray).isEmpty();
    }

    @Test
    void everyRuleIsNamedWhereItIsShown() {
        List<String> unnamed = new ArrayList<>();
        for (Line line : lines) {
            Pattern number = Pattern.compile("(?<![0-9.])" + Pattern.quote(line.rule()) + "(?!\\.?[0-9])");
            if (line.isRule()
                    && line.references().stream()
                            .noneMatch(reference ->
                                    number.matcher(place(reference)).find())) {
                unnamed.add(line.rule() + " " + line.words());
            }
        }
        assertThat(unnamed).isEmpty();
    }

    @Test
    void noNumberIsMissing() {
        List<String> expected = sections.stream()
                .flatMap(section -> IntStream.rangeClosed(1, Integer.parseInt(section.group(2)))
                        .mapToObj(rule -> section.group(1) + "." + rule))
                .toList();
        assertThat(expected).hasSizeGreaterThan(100);
        assertThat(lines.stream().map(Line::rule).filter(rule -> rule.contains(".")))
                .containsExactlyElementsOf(expected);
    }

    @Test
    void aReferenceThatLeadsNowhereIsSeen() {
        for (String reference : List.of(
                "e2e.SemanticsCoverageTest#aReferenceThatDoesNotExist",
                "e2e.SemanticsCoverageTest#place",
                "e2e.NoSuchTest#aReferenceThatLeadsNowhereIsSeen",
                "translate.FrontendRulesTest \"5.2 no such row\"",
                "README \"no such words\"",
                "Javadoc translate.NoSuchClass",
                "nonsense")) {
            assertThat(place(reference)).as(reference).isEmpty();
        }
    }

    /** The text of what is referred to; empty if it does not exist. */
    private static String place(String reference) {
        Matcher method = METHOD.matcher(reference);
        if (method.matches()) {
            String text = sources.text(SourceTree.Part.TEST, method.group(1));
            return orEmpty(text == null ? null : SourceTree.testMethod(text, method.group(2)));
        }
        Matcher readme = README.matcher(reference);
        if (readme.matches()) {
            return SourceTree.readme().contains(readme.group(1)) ? readme.group(1) : "";
        }
        Matcher javadoc = JAVADOC.matcher(reference);
        if (javadoc.matches()) {
            return orEmpty(sources.text(SourceTree.Part.MAIN, javadoc.group(1)));
        }
        Matcher row = ROW.matcher(reference);
        if (row.matches()) {
            String text = sources.text(SourceTree.Part.TEST, row.group(1));
            return text != null && text.contains('"' + row.group(2)) ? row.group(2) : "";
        }
        return "";
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }
}
