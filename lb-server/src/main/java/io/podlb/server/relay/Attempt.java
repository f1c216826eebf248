package io.podlb.server.relay;

import io.podlb.server.balance.PickReason;
import io.podlb.server.service.BackendSpec;
import java.util.Locale;

/**
 * One try of one backend by one connection or UDP flow, with its outcome. Immutable.
 *
 * @param backend as it was listed when the try began
 * @param reason why it was picked
 * @param outcome what became of it
 * @param nanos from the pick to the outcome
 */
public record Attempt(BackendSpec backend, PickReason reason, Outcome outcome, long nanos) {

    /**
     * What became of a try. The list is closed. Over UDP nobody accepts: there a socket to the backend is enough, or for
     * a request that is balanced on its own its answer, until the network says that nobody is there.
     */
    public enum Outcome {
        /** The backend accepted. */
        CONNECTED,
        /** It refused, could not be reached, or is a front end of podlb itself. */
        FAILED,
        /** It did not answer in time. */
        TIMED_OUT,
        /** The connection ended before the try did. */
        CANCELLED,
        /** This machine had no descriptor or no local port left; not the backend's fault. */
        LOCAL_FAILURE;

        private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

        /** The spelling used in JSON and logs: {@code timed-out}. */
        public String label() {
            return label;
        }
    }
}
