package io.podlb.server.relay;

import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * What holds for every UDP flow.
 *
 * @param idleNanos a flow without a datagram either way for this long ends, where its service port says nothing else
 * @param maxFlows flows of the process at a time, asked for every new one; each event loop has an equal share
 * @param observer is told of every end
 */
public record UdpSettings(long idleNanos, IntSupplier maxFlows, ConnectionObserver observer) {

    public static UdpSettings of(Duration idleTimeout, IntSupplier maxFlows, ConnectionObserver observer) {
        return new UdpSettings(idleTimeout.toNanos(), maxFlows, observer);
    }
}
