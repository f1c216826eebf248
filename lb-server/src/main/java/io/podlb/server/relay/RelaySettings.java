package io.podlb.server.relay;

import java.time.Duration;

/**
 * Limits of one client connection, in nanoseconds where they are times.
 *
 * @param connectTimeoutNanos for one try of one backend
 * @param connectAttempts distinct backends that are tried
 * @param connectBudgetNanos for all tries together
 * @param idleNanos without a byte either way
 * @param halfClosedNanos the same once one side has finished its stream
 */
public record RelaySettings(
        long connectTimeoutNanos, int connectAttempts, long connectBudgetNanos, long idleNanos, long halfClosedNanos) {

    public static RelaySettings of(
            Duration connectTimeout,
            int connectAttempts,
            Duration connectBudget,
            Duration idleTimeout,
            Duration halfClosedTimeout) {
        return new RelaySettings(
                connectTimeout.toNanos(),
                connectAttempts,
                connectBudget.toNanos(),
                idleTimeout.toNanos(),
                halfClosedTimeout.toNanos());
    }
}
