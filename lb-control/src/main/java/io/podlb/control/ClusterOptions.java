package io.podlb.control;

import io.podlb.server.service.SocketAddressSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

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
            names = "--healthz",
            paramLabel = "ADDRESS:PORT|none",
            defaultValue = "0.0.0.0:10256",
            description = "Where load balancers ask for /healthz and /livez, as they ask kube-proxy; tried again while"
                    + " another process has it (default: ${DEFAULT-VALUE}).")
    String healthz;

    @Option(
            names = "--shadow",
            description = "Bind nothing: show on the admin endpoint what would be served, and which binds would clash.")
    boolean shadow;

    /** Null: nowhere. */
    @Nullable
    SocketAddressSpec healthz() {
        if (healthz.equals("none")) {
            return null;
        }
        try {
            return new Converters.OfSocketAddress().convert(healthz);
        } catch (TypeConversionException e) {
            throw CommandFailure.usage("--healthz: " + e.getMessage() + ", or none");
        }
    }
}
