package io.podlb.control;

import java.util.List;

/** Ends a verb with a status and with lines that a person can act upon; its stack trace is never shown. */
final class CommandFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** It ran and failed. */
    static final int FAILED = 1;

    /** The words or the manifests are wrong. */
    static final int USAGE = 2;

    private final int status;
    private final transient List<String> lines;

    CommandFailure(int status, List<String> lines) {
        super(String.join("\n", lines), null, false, false);
        this.status = status;
        this.lines = List.copyOf(lines);
    }

    /** What the user wrote cannot be meant so. */
    static CommandFailure usage(String line) {
        return new CommandFailure(USAGE, List.of(line));
    }

    /** It was meant well and does not work here. */
    static CommandFailure failed(String line) {
        return new CommandFailure(FAILED, List.of(line));
    }

    int status() {
        return status;
    }

    List<String> lines() {
        return lines;
    }
}
