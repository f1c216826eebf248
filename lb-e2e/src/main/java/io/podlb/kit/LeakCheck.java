package io.podlb.kit;

/** What becomes of a test that leaves connections to Services open; they have two seconds to end. */
public enum LeakCheck {
    /** It fails. */
    FAIL,
    /** The log has a warning. */
    WARN,
    /** Nobody looks. */
    OFF
}
