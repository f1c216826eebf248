package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb run}. */
@Command(
        name = "run",
        description = "Serves the Services of Kubernetes manifests, watches the files and applies changes.",
        footer = {"", CommandLines.ENVIRONMENT},
        sortOptions = false)
final class RunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ManifestOptions manifests;

    @Mixin
    private NodeOptions node;

    @Mixin
    ServerOptions server;

    @Mixin
    private FaultOptions faults;

    @Mixin
    private LogOptions log;

    @Mixin
    HelpOption help;

    @Override
    public Integer call() {
        return Verbs.run(
                manifests, node, server, faults, log, spec.commandLine().getOut());
    }
}
