package io.podlb.control;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lb validate}. */
@Command(
        name = "validate",
        description = "Lists every problem of Kubernetes manifests with file, document, field and what to do.",
        footer = {"", "Every option can be given in the environment, --node-name as PODLB_NODE_NAME."},
        sortOptions = false)
final class ValidateCommand implements Callable<Integer> {

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
            description = "Judges what lb run --simulate-pods would do.")
    private boolean simulatePods;

    @Mixin
    private NodeOptions node;

    @Mixin
    private LogOptions log;

    @Mixin
    HelpOption help;

    @Override
    public Integer call() {
        return Verbs.validate(files, simulatePods, node, log, spec.commandLine().getOut());
    }
}
