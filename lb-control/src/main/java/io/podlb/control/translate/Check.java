package io.podlb.control.translate;

import io.podlb.server.service.SocketAddressSpec;
import java.time.Duration;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is tried again and again to see whether an endpoint is ready; the words are those of a readiness probe.
 *
 * @param path what is asked for over HTTP; null: a connect is enough
 * @param headers of the request beside those that it needs
 * @param delay before the first try
 * @param period between tries
 * @param timeout of each
 * @param rise successes in a row that make it ready
 * @param fall failures in a row that make it not ready
 */
public record Check(
        SocketAddressSpec target,
        @Nullable String path,
        Map<String, String> headers,
        Duration delay,
        Duration period,
        Duration timeout,
        int rise,
        int fall) {

    public Check {
        headers = Map.copyOf(headers);
    }

    /** One of an endpoint itself: every two seconds, one success is enough, three failures are too many. */
    static Check ofEndpoint(SocketAddressSpec target, @Nullable String path) {
        return new Check(target, path, Map.of(), Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(1), 1, 3);
    }

    /** The same with another target. */
    public Check at(UnaryOperator<SocketAddressSpec> where) {
        return new Check(where.apply(target), path, headers, delay, period, timeout, rise, fall);
    }
}
