package io.podlb.control;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.slf4j.LoggerFactory;

/** The command line within the JVM of the test. */
final class Lb {

    private Lb() {}

    /**
     * What a verb did.
     *
     * @param out what it printed for the one who asked
     * @param err what it complained of
     */
    record Result(int status, String out, String err) {

        List<String> lines() {
            return out.lines().toList();
        }
    }

    static Result run(String... words) {
        return run(Map.of(), words);
    }

    static Result run(Map<String, String> environment, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try {
            int status = CommandLines.create(environment, new PrintWriter(out), new PrintWriter(err), words)
                    .execute(words);
            return new Result(status, out.toString(), err.toString());
        } finally {
            restoreLog();
        }
    }

    /** A verb sets up the log of the whole process; other tests want the one that they began with. */
    private static void restoreLog() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        try {
            new ContextInitializer(context).autoConfig();
        } catch (JoranException e) {
            throw new IllegalStateException(e);
        }
    }
}
