package io.podlb.control;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code lb explain}. */
@Command(
        name = "explain",
        description = "Says what each front end of a Service does on this node and why, without opening a socket.",
        footer = {"", "Every option can be given in the environment, --node-name as PODLB_NODE_NAME."},
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

    /** Forms of the answer. */
    enum Output {
        TEXT,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE_OR_DIR",
            split = ",",
            description = "Manifests in YAML or JSON; may be given several times (default: those of lb demo).")
    private List<Path> files = List.of();

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Services of this namespace alone.")
    private @Nullable String namespace;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "text|json",
            defaultValue = "text",
            description = "Form of the answer (default: ${DEFAULT-VALUE}).")
    private Output output;

    @Option(
            names = "--simulate-pods",
            arity = "0..1",
            paramLabel = "true|false",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Explains what lb run --simulate-pods would do.")
    private boolean simulatePods;

    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "NAME or NAMESPACE/NAME of one Service.")
    private @Nullable String service;

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
        return Verbs.explain(
                files,
                simulatePods,
                node,
                log,
                new ServiceChoice(namespace, service),
                output == Output.JSON,
                spec.commandLine().getOut());
    }
}
