package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command itself: without a verb it shows its help and fails. */
@Command(
        name = "lb",
        versionProvider = VersionCommand.Provider.class,
        header = "Kubernetes Services served in user space, with and without a cluster.",
        synopsisSubcommandLabel = "VERB",
        footer = {
            "",
            CommandLines.ENVIRONMENT,
            "Exit status: 0 done, 1 it ran and failed, 2 the words or the manifests are wrong."
        })
final class LbCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    HelpOption help;

    @Option(names = "--version", versionHelp = true, description = "Shows the version.")
    boolean version;

    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandFailure.USAGE;
    }
}
