package io.podlb.kit;

import java.io.UncheckedIOException;
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
     * Writes the seed, the Services and the connections to the error stream and to a file of the test's name, with the
     * records as JSON and as a timeline beside it.
     *
     * @param test its class and method
     * @param connections those that were open while it ran
     */
    static void write(Lab lab, String test, List<ConnectionRecord> connections) {
        String text = text(lab, test, connections);
        System.err.print(text);
        Receipts receipts = new Receipts(test, List.of(), connections);
        try {
            TextFile.write(DIRECTORY.resolve(test + ".txt"), text);
            RecordsJson.write(DIRECTORY.resolve(test + ".json"), receipts);
            Timeline.write(DIRECTORY.resolve(test + ".svg"), receipts, lab.marks());
        } catch (UncheckedIOException e) {
            log.warn("the report of {} is not complete: {}", test, e.getMessage());
        }
    }

    private static String text(Lab lab, String test, List<ConnectionRecord> connections) {
        return "podlb: " + test + " failed; run it again with the same choices: -D" + LabBuilder.SEED_PROPERTY + "="
                + lab.seed() + "\n" + lab.explain() + "\nConnections while it ran: " + connections.size() + "\n"
                + DecisionLog.withTimes(connections);
    }
}
