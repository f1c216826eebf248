package io.podlb.control.translate;

/** What happens to a new connection, in kube-proxy's words (kube-semantics 5). A closed listener refuses in two cases. */
public enum Verdict {
    /** It goes to one of the endpoints. */
    FORWARD("forward"),
    /** There is nothing usable anywhere. */
    REJECT("reject"),
    /** There are usable endpoints, but none on this node, and the policy is Local. */
    DROP("drop");

    private final String label;

    Verdict(String label) {
        this.label = label;
    }

    /** The spelling used in JSON. */
    public String label() {
        return label;
    }
}
