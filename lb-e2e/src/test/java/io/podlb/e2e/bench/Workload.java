package io.podlb.e2e.bench;

import java.util.List;

/** Something that is asked of a proxy in each round. */
interface Workload {

    /** The first line of its table. */
    String title();

    /** Its columns. */
    List<Figure> figures();

    /** The figure that shows whether a proxy is warm, and that proxies are compared by: smaller is better. */
    Figure key();

    /** Rounds that mean something. */
    default int mostRounds() {
        return Integer.MAX_VALUE;
    }

    /** Whether a JVM must be warm before figures count. */
    default boolean needsWarmth() {
        return true;
    }

    /** One round. */
    Sample measure(Proxy proxy);
}
