package io.podlb.control;

import picocli.CommandLine.Option;

/** How the log on stderr looks. */
final class LogOptions {

    /** Forms of a log line. */
    enum Format {
        TEXT,
        JSON
    }

    /** How much is logged. */
    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    @Option(
            names = "--log-format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the log on stderr (default: ${DEFAULT-VALUE}).")
    Format format;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "error, warn, info, debug or trace (default: ${DEFAULT-VALUE}).")
    Level level;
}
