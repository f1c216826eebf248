package io.podlb.control;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster this node belongs to, and which of its Services are ours. */
final class ClusterOptions {

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "How to reach the API server (default: KUBECONFIG, the user's own, or the account of the Pod).")
    @Nullable
    Path kubeconfig;

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Address of the API server in place of the one configured. Give a real one: a cluster IP would"
                            + " lead through podlb itself.")
    @Nullable
    String master;

    @Option(
            names = "--proxy-name",
            paramLabel = "NAME",
            description = "Serve the Services that have the label service.kubernetes.io/service-proxy-name=NAME alone"
                    + " (default: those without that label, as kube-proxy).")
    @Nullable
    String proxyName;

    @Option(
            names = "--shadow",
            description = "Bind nothing: show on the admin endpoint what would be served, and which binds would clash.")
    boolean shadow;
}
