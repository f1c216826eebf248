package io.podlb.kit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What whoever looks into a failed test wants to know of its lab. */
final class TestReport {

    /** Beside the other results of a build; a folder of its own. */
    static final Path DIRECTORY = Path.of("target", "podlb");

    private static final Logger log = LoggerFactory.getLogger(TestReport.class);

    private TestReport() {}

    /** Writes it to the error stream and to a file of the test's name. */
    static void write(Lab lab, String test) {
        String text = "podlb: " + test + " failed; run it again with the same choices: -D" + LabBuilder.SEED_PROPERTY
                + "=" + lab.seed() + "\n" + lab.explain();
        System.err.print(text);
        try {
            Files.createDirectories(DIRECTORY);
            Files.writeString(DIRECTORY.resolve(test + ".txt"), text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            log.warn("the report of {} could not be written: {}", test, e.toString());
        }
    }
}
