package io.podlb.control;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** Makes the command line. */
final class CommandLines {

    /** The same line in the help of every verb that has options. */
    static final String ENVIRONMENT =
            "Every option can be given in the environment, --node-name as PODLB_NODE_NAME; what is empty there is not"
                    + " given.";

    /** Verbs that need to know of no other one. */
    private static final List<Class<?>> VERBS = List.of(
            DemoCommand.class,
            RunCommand.class,
            NodeCommand.class,
            ExplainCommand.class,
            ValidateCommand.class,
            VersionCommand.class);

    /** Verbs that tell of the others. */
    private static final List<Class<?>> META = List.of(HelpCommand.class, CompletionCommand.class);

    private CommandLines() {}

    /**
     * The command {@code lb} for these words. If the first one is a verb, the others are left out: reading the options
     * of all of them takes a good part of the start.
     *
     * @param words what it is going to be executed with; without any it has all verbs
     * @param environment where options that are not given are looked up, see {@link Environment}
     * @param out what a verb is asked for
     * @param err what went wrong
     */
    static CommandLine create(Map<String, String> environment, PrintWriter out, PrintWriter err, String... words) {
        CommandLine lb = new CommandLine(new LbCommand());
        verbs(words).forEach(lb::addSubcommand);
        return lb.setOut(out)
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

    private static List<Class<?>> verbs(String... words) {
        List<Class<?>> all = new ArrayList<>(VERBS);
        all.addAll(META);
        return VERBS.stream()
                .filter(verb -> words.length > 0 && words[0].equals(name(verb)))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(all);
    }

    private static String name(Class<?> verb) {
        return verb.getAnnotation(Command.class).name();
    }

    private static int failed(CommandLine command, String line, int status) {
        command.getErr().println(command.getCommandSpec().qualifiedName(" ") + ": " + line);
        command.getErr().flush();
        return status;
    }
}
