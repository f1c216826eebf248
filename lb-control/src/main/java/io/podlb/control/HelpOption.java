package io.podlb.control;

import picocli.CommandLine.Option;

/** The option {@code --help} of every verb. */
final class HelpOption {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this text.")
    boolean help;
}
