package io.podlb.kit;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One try of one endpoint by one connection. Immutable.
 *
 * @param pod name of the Pod behind the endpoint; null where none is known
 * @param address where the endpoint listens
 * @param why why it was picked, a clause for people
 * @param outcome what became of it
 * @param took from the pick to the outcome
 */
public record Attempt(@Nullable String pod, InetSocketAddress address, String why, Outcome outcome, Duration took) {

    /** What became of a try. */
    public enum Outcome {
        /** The endpoint accepted. */
        CONNECTED,
        /** It refused, or the network said that it cannot be reached. */
        FAILED,
        /** It did not answer in time. */
        TIMED_OUT,
        /** The connection ended before the try did. */
        CANCELLED,
        /** This machine had no descriptor or local port left; not the endpoint's fault. */
        LOCAL_FAILURE;

        /** The spelling in tables and JSON: {@code timed-out}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
