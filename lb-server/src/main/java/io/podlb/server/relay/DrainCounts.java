package io.podlb.server.relay;

/**
 * How the connections of a drained backend ended.
 *
 * @param connections how many there were
 * @param byThemselves ended before they were asked to
 * @param byFin ended after their clients were sent FIN
 * @param cut reset since the time was over, or since an answer came after the FIN
 */
public record DrainCounts(int connections, int byThemselves, int byFin, int cut) {}
