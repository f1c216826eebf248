package io.podlb.control.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class WatchLinesTest {

    @Test
    void wholeLinesComeOutHoweverTheyWereCut() {
        String text = "{\"a\":1}\n{\"b\":\"ü 🚀\"}\n\n{\"c\":3}\n";
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int size = 1; size <= bytes.length; size++) {
            WatchStreams.Lines lines = new WatchStreams.Lines();
            StringBuilder out = new StringBuilder();
            for (int at = 0; at < bytes.length; at += size) {
                ByteBuffer chunk = ByteBuffer.wrap(bytes, at, Math.min(size, bytes.length - at));
                for (ByteBuffer line : lines.of(List.of(chunk))) {
                    out.append(StandardCharsets.US_ASCII.decode(line));
                }
            }
            assertThat(out.toString())
                    .as("chunks of %s", size)
                    .isEqualTo("{\"a\":1}\n{\"b\":\"\\u00fc \\ud83d\\ude80\"}\n\n{\"c\":3}\n");
        }
    }

    @Test
    void chunksOfOneReadBelongTogether() {
        WatchStreams.Lines lines = new WatchStreams.Lines();
        List<ByteBuffer> out = lines.of(List.of(bytes("{\"a\""), bytes(":1}\n{"), bytes("}")));
        assertThat(out).containsExactly(bytes("{\"a\":1}\n"));
        assertThat(lines.of(List.of(bytes("\n")))).containsExactly(bytes("{}\n"));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
