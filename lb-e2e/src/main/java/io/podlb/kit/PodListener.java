package io.podlb.kit;

/** A socket that a Pod listens on, and what came in by it. Threads: the one that changes the lab. */
interface PodListener {

    /**
     * Closes it and every connection.
     *
     * @param reset whether clients see a reset in place of the end of the stream
     */
    void close(boolean reset);
}
