package io.podlb.control;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code lb node}. */
@Command(
        name = "node",
        description = "Serves the Services of a Kubernetes cluster on this node, as kube-proxy would.",
        footer = {
            "",
            "Descriptors go to front ends first, one each, as long as 1024 connections have room beside them; front ends"
                    + " beyond that are reported and wait. Raise the limit (ulimit -n) where there are many.",
            CommandLines.ENVIRONMENT
        },
        sortOptions = false)
final class NodeCommand implements Callable<Integer> {

    @Mixin
    private ClusterOptions cluster;

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
        return Verbs.node(cluster, node, server, log);
    }
}
