package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code lb demo}. */
@Command(
        name = "demo",
        description = "Serves three Pods behind a ClusterIP and a NodePort Service, on its own embedded backends; needs"
                + " no file and no privilege, and prints what to curl.",
        footer = {"", CommandLines.ENVIRONMENT},
        sortOptions = false)
final class DemoCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

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
        return Verbs.demo(node, server, faults, log, spec.commandLine().getOut());
    }
}
