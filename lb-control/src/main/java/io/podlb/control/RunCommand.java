package io.podlb.control;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lb run}. */
@Command(
        name = "run",
        description = "Serves the Services of Kubernetes manifests, watches the files and applies changes.",
        footer = {"", "Every option can be given in the environment, --node-name as PODLB_NODE_NAME."},
        sortOptions = false)
final class RunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE_OR_DIR",
            split = ",",
            description = "Manifests in YAML or JSON; may be given several times.")
    private List<Path> files = List.of();

    @Option(
            names = "--simulate-pods",
            arity = "0..1",
            paramLabel = "true|false",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Plays every replica of a workload and every Pod without an address, on addresses of"
                    + " 127.0.0.0/8; they answer HTTP with their names and echo the rest.")
    private boolean simulatePods;

    @Mixin
    private NodeOptions node;

    @Mixin
    ServerOptions server;

    @Mixin
    private LogOptions log;

    @Mixin
    HelpOption help;

    @Override
    public Integer call() {
        return Verbs.run(
                files, simulatePods, node, server, log, spec.commandLine().getOut());
    }
}
