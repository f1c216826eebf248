package io.podlb.control;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where Services are read from, and whether there are Pods behind them. */
final class ManifestOptions {

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE_OR_DIR",
            split = ",",
            description = "Manifests in YAML or JSON; may be given several times.")
    List<Path> files = List.of();

    @Option(
            names = "--simulate-pods",
            arity = "0..1",
            paramLabel = "true|false",
            defaultValue = "false",
            fallbackValue = "true",
            description = "lb run plays every replica of a workload and every Pod without an address, on addresses of"
                    + " 127.0.0.0/8; they answer HTTP with their names and echo the rest.")
    boolean simulatePods;
}
