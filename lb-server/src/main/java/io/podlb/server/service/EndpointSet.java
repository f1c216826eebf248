package io.podlb.server.service;

/** Which of the two sets of usable endpoints of a service port a front end offers (kube-semantics 4.2, 4.3). */
public enum EndpointSet {
    CLUSTER("cluster"),
    LOCAL("local");

    private final String label;

    EndpointSet(String label) {
        this.label = label;
    }

    /** The spelling used in JSON and metrics. */
    public String label() {
        return label;
    }
}
