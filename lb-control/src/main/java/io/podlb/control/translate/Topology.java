package io.podlb.control.translate;

/** Which hints narrow the cluster set on this node (kube-semantics 4.6). */
public enum Topology {
    NONE("none"),
    ZONE("zone"),
    NODE("node");

    private final String label;

    Topology(String label) {
        this.label = label;
    }

    /** The spelling used in JSON. */
    public String label() {
        return label;
    }
}
