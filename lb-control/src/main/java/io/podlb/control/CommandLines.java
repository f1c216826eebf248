package io.podlb.control;

import java.io.PrintWriter;
import java.util.Map;
import picocli.CommandLine;

/** Makes the command line. */
final class CommandLines {

    /** The same line in the help of every verb that has options. */
    static final String ENVIRONMENT =
            "Every option can be given in the environment, --node-name as PODLB_NODE_NAME; what is empty there is not"
                    + " given.";

    private CommandLines() {}

    /**
     * The command {@code lb} with all of its verbs.
     *
     * @param environment where options that are not given are looked up, see {@link Environment}
     * @param out what a verb is asked for
     * @param err what went wrong
     */
    static CommandLine create(Map<String, String> environment, PrintWriter out, PrintWriter err) {
        return new CommandLine(new LbCommand())
                .setOut(out)
                .setErr(err)
                .setDefaultValueProvider(new Environment(environment))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(false)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler((failure, args) ->
                        failed(failure.getCommandLine(), UsageErrors.line(failure, args), CommandFailure.USAGE))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof CommandFailure expected) {
                        expected.lines().forEach(line -> failed(command, line, expected.status()));
                        return expected.status();
                    }
                    // Nothing that a user can do leads here.
                    failure.printStackTrace(command.getErr());
                    return failed(command, "podlb itself failed: " + failure, CommandFailure.FAILED);
                });
    }

    private static int failed(CommandLine command, String line, int status) {
        command.getErr().println(command.getCommandSpec().qualifiedName(" ") + ": " + line);
        command.getErr().flush();
        return status;
    }
}
