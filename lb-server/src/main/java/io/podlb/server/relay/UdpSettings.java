package io.podlb.server.relay;

import java.time.Duration;

/**
 * Limits of UDP flows.
 *
 * @param idleNanos a flow without a datagram either way for this long ends, where its service port says nothing else
 * @param maxFlows flows of the process at a time; each event loop has an equal share
 */
public record UdpSettings(long idleNanos, int maxFlows) {

    public static UdpSettings of(Duration idleTimeout, int maxFlows) {
        return new UdpSettings(idleTimeout.toNanos(), maxFlows);
    }
}
