package io.podlb.control.translate;

/** Whether faults that objects ask for are done. */
public enum FaultPermission {
    /** They are: whoever started podlb said so. */
    GIVEN,
    /** They are not, but whoever starts podlb may say so. */
    NOT_GIVEN,
    /** They never are: this is a node of a cluster. */
    IMPOSSIBLE
}
