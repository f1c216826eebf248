package io.podlb.control;

import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Spelling;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with the words on a command line. */
final class UsageErrors {

    private UsageErrors() {}

    static String line(ParameterException failure) {
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
        return message.replaceAll("\\s*\\R\\s*", " ") + "; " + help;
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
