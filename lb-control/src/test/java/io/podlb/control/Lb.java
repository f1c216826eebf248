package io.podlb.control;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

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
        int status = CommandLines.create(environment, new PrintWriter(out), new PrintWriter(err))
                .execute(words);
        return new Result(status, out.toString(), err.toString());
    }
}
