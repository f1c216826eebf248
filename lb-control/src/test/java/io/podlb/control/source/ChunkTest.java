package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChunkTest {

    /** Documents as number, line and text. */
    private record Row(String name, String stream, String... documents) {}

    private static final List<Row> ROWS = List.of(
            new Row("nothing", ""),
            new Row("comments alone", "# a\n\n# b"),
            new Row("one document", "a: 1\n", "1@1 a: 1\n"),
            new Row("a comment before the first marker", "# a\n---\na: 1", "1@2 ---\na: 1"),
            new Row("directives before the first marker", "%YAML 1.1\n---\na: 1", "1@2 ---\na: 1"),
            new Row("two", "a: 1\n---\nb: 2\n", "1@1 a: 1\n", "2@2 ---\nb: 2\n"),
            new Row("an empty one between counts", "a: 1\n---\n---\nb: 2", "1@1 a: 1\n", "2@2 ---\n", "3@3 ---\nb: 2"),
            new Row("text behind the marker", "--- {a: 1}\n--- # b\nb: 2", "1@1 --- {a: 1}\n", "2@2 --- # b\nb: 2"),
            new Row("an end marker", "a: 1\n...\n# c\n---\nb: 2", "1@1 a: 1\n", "2@4 ---\nb: 2"),
            new Row("an end marker before a bare document", "a: 1\n...\nb: 2", "1@1 a: 1\n", "2@3 b: 2"),
            new Row("Windows and old Mac line ends", "a: 1\r\n---\rb: 2", "1@1 a: 1\r\n", "2@2 ---\rb: 2"),
            new Row("an indented marker is content", "a: |\n  ---\n", "1@1 a: |\n  ---\n"),
            new Row("four dashes are content", "----\n", "1@1 ----\n"));

    @Test
    void streamsAreCutAtMarkersInTheFirstColumn() {
        for (Row row : ROWS) {
            assertThat(Chunk.split(row.stream))
                    .as(row.name)
                    .extracting(c -> c.number() + "@" + c.line() + " " + row.stream.substring(c.from(), c.to()))
                    .containsExactly(row.documents);
        }
    }
}
