package io.podlb.control;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Spelling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with the words on a command line. */
final class UsageErrors {

    private UsageErrors() {}

    /**
     * One line with what is wrong and what to do.
     *
     * @param args the words that were given
     */
    static String line(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        String help = "see " + command.getCommandSpec().qualifiedName(" ") + " --help";
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().get(0);
            boolean option = word.startsWith("-");
            String name = option ? word.replaceFirst("=.*", "") : word;
            return (option ? "unknown option " : "unexpected word ") + shown(name) + "; "
                    + Spelling.suggestion(name, known(command, option), help);
        }
        String message = String.valueOf(failure.getMessage()).strip();
        return message.replaceAll("\\s*\\R\\s*", " ").replaceFirst("\\.$", "") + variable(failure, args) + "; " + help;
    }

    /** Names the variable that a value was taken from, since nobody finds it among the words. */
    private static String variable(ParameterException failure, String[] args) {
        if (!(failure.getArgSpec() instanceof OptionSpec option)) {
            return "";
        }
        boolean given = Arrays.stream(args)
                .anyMatch(arg -> Arrays.stream(option.names())
                        .anyMatch(name -> name.startsWith("--")
                                ? arg.equals(name) || arg.startsWith(name + "=")
                                : arg.startsWith(name)));
        return given ? "" : " (taken from " + Environment.variable(option) + ")";
    }

    private static String shown(String word) {
        return Problem.shown(word);
    }

    private static List<String> known(CommandLine command, boolean options) {
        List<String> known = new ArrayList<>();
        if (options) {
            command.getCommandSpec().options().forEach(option -> known.add(option.longestName()));
        } else {
            known.addAll(command.getSubcommands().keySet());
        }
        return known;
    }
}
