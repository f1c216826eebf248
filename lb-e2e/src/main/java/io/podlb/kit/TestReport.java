package io.podlb.kit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What whoever looks into a failed test wants to know of its lab. */
final class TestReport {

    /** Beside the other results of a build; a folder of its own. */
    static final Path DIRECTORY = Path.of("target", "podlb");

    private static final Logger log = LoggerFactory.getLogger(TestReport.class);

    private TestReport() {}

    /**
     * Writes the seed, the Services and the connections to the error stream and to a file of the test's name.
     *
     * @param test its class and method
     * @param connections those that were open while it ran
     */
    static void write(Lab lab, String test, List<ConnectionRecord> connections) {
        String text = text(lab, test, connections);
        System.err.print(text);
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(DIRECTORY.resolve(test + ".txt"), text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            log.warn("the report of {} could not be written: {}", test, e.toString());
        }
    }

    private static String text(Lab lab, String test, List<ConnectionRecord> connections) {
        StringBuilder text = new StringBuilder()
                .append("podlb: ")
                .append(test)
                .append(" failed; run it again with the same choices: -D")
                .append(LabBuilder.SEED_PROPERTY)
                .append('=')
                .append(lab.seed())
                .append('\n')
                .append(lab.explain())
                .append("\nConnections while it ran: ")
                .append(connections.size())
                .append('\n');
        connections.forEach(record -> text.append("  ").append(line(record)).append('\n'));
        return text.toString();
    }

    private static String line(ConnectionRecord record) {
        return record.service() + ":" + record.port() + " #" + record.ordinal() + " "
                + record.client() + " to " + (record.pod() == null ? record.backend() : record.pod()) + ", "
                + (record.end() == null ? "open" : record.end()) + ", tries "
                + record.attempts().size();
    }
}
