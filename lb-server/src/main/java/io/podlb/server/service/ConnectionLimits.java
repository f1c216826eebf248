package io.podlb.server.service;

import java.time.Duration;

/**
 * How many connections of a service port there may be, over all its front ends together. Zero: as many as come. A client
 * is one IPv4 address, or the /64 that an IPv6 address is in, since that is what one host can choose from.
 *
 * @param perService at a time
 * @param perBackend at a time, those that are being dialled included
 * @param perClient at a time, those that wait included
 * @param clientRatePerMinute how many a client may begin in a minute; those of one second at once, or a single one
 * @param patience how long a connection beyond {@code perService} or {@code perBackend} waits for a place; zero: it is
 *     refused at once, as one beyond the limits of its client always is
 */
public record ConnectionLimits(
        int perService, int perBackend, int perClient, int clientRatePerMinute, Duration patience) {

    public static final int MAX_CONNECTIONS = 10_000_000;

    public static final int MAX_RATE_PER_MINUTE = 6_000_000;

    /** As many as come. */
    public static final ConnectionLimits OFF = new ConnectionLimits(0, 0, 0, 0, Duration.ZERO);

    public ConnectionLimits {
        inRange("perService", perService, MAX_CONNECTIONS);
        inRange("perBackend", perBackend, MAX_CONNECTIONS);
        inRange("perClient", perClient, MAX_CONNECTIONS);
        inRange("clientRatePerMinute", clientRatePerMinute, MAX_RATE_PER_MINUTE);
        if (patience.isNegative()) {
            throw new IllegalArgumentException("patience: " + patience + " (expected: zero or more)");
        }
    }

    private static void inRange(String name, int value, int most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0 to " + most + ")");
        }
    }

    public ConnectionLimits withPerService(int value) {
        return new ConnectionLimits(value, perBackend, perClient, clientRatePerMinute, patience);
    }

    public ConnectionLimits withPerBackend(int value) {
        return new ConnectionLimits(perService, value, perClient, clientRatePerMinute, patience);
    }

    public ConnectionLimits withPerClient(int value) {
        return new ConnectionLimits(perService, perBackend, value, clientRatePerMinute, patience);
    }

    public ConnectionLimits withClientRatePerMinute(int value) {
        return new ConnectionLimits(perService, perBackend, perClient, value, patience);
    }

    public ConnectionLimits withPatience(Duration value) {
        return new ConnectionLimits(perService, perBackend, perClient, clientRatePerMinute, value);
    }
}
