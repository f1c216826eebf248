package io.podlb.server.relay;

import java.time.Duration;

/**
 * What holds for every client connection; times are in nanoseconds.
 *
 * @param connectTimeoutNanos for one try of one backend
 * @param connectAttempts distinct backends that are tried
 * @param connectBudgetNanos for all tries together
 * @param idleNanos without a byte either way
 * @param halfClosedNanos the same once one side has finished its stream
 * @param observer is told of every end
 */
public record RelaySettings(
        long connectTimeoutNanos,
        int connectAttempts,
        long connectBudgetNanos,
        long idleNanos,
        long halfClosedNanos,
        ConnectionObserver observer) {

    public static RelaySettings of(
            Duration connectTimeout,
            int connectAttempts,
            Duration connectBudget,
            Duration idleTimeout,
            Duration halfClosedTimeout,
            ConnectionObserver observer) {
        return new RelaySettings(
                connectTimeout.toNanos(),
                connectAttempts,
                connectBudget.toNanos(),
                idleTimeout.toNanos(),
                halfClosedTimeout.toNanos(),
                observer);
    }
}
