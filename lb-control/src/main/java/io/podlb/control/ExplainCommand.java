package io.podlb.control;

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
        description =
                "Says what each front end of a Service does on this node and why, without opening a socket; of the"
                        + " Services of lb demo unless others are named.",
        footer = {"", CommandLines.ENVIRONMENT},
        sortOptions = false)
final class ExplainCommand implements Callable<Integer> {

    /** Forms of the answer. */
    enum Output {
        TEXT,
        JSON
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private ManifestOptions manifests;

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

    @Parameters(arity = "0..1", paramLabel = "SERVICE", description = "NAME or NAMESPACE/NAME of one Service.")
    private @Nullable String service;

    @Mixin
    private NodeOptions node;

    /** Does nothing here: so that the words of a run can be explained by changing the verb alone. */
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
        return Verbs.explain(
                manifests,
                node,
                faults,
                log,
                new ServiceChoice(namespace, service),
                output == Output.JSON,
                spec.commandLine().getOut());
    }
}
