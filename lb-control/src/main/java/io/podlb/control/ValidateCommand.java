package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb validate}. */
@Command(
        name = "validate",
        description = "Lists every problem of Kubernetes manifests with file, document, field and what to do.",
        footer = {"", CommandLines.ENVIRONMENT},
        sortOptions = false)
final class ValidateCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ManifestOptions manifests;

    @Mixin
    private NodeOptions node;

    @Mixin
    private FaultOptions faults;

    @Mixin
    private LogOptions log;

    @Mixin
    HelpOption help;

    @Override
    public Integer call() {
        return Verbs.validate(manifests, node, faults, log, spec.commandLine().getOut());
    }
}
