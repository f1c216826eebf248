package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb completion}. */
@Command(name = "completion", description = "Prints completions for bash and zsh: source <(lb completion)")
final class CompletionCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    HelpOption help;

    @Override
    public Integer call() {
        spec.commandLine().getOut().print(AutoComplete.bash("lb", spec.root().commandLine()));
        spec.commandLine().getOut().flush();
        return 0;
    }
}
