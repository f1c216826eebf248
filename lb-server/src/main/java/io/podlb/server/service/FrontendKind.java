package io.podlb.server.service;

/** What kind of address a front end has (kube-semantics 5). */
public enum FrontendKind {
    CLUSTER_IP("ClusterIP"),
    NODE_PORT("NodePort"),
    EXTERNAL_IP("ExternalIP"),
    LOAD_BALANCER("LoadBalancer");

    private final String label;

    FrontendKind(String label) {
        this.label = label;
    }

    /** The spelling used in JSON and logs. */
    public String label() {
        return label;
    }
}
