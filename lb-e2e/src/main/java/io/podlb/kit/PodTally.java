package io.podlb.kit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one Pod had of some connections.
 *
 * @param connections those connected to it
 * @param failed those of them that failed
 * @param failedTries tries of it that came to nothing
 * @param bytesToBackend bytes that it was sent
 * @param bytesToClient bytes that it sent
 */
record PodTally(long connections, long failed, long failedTries, long bytesToBackend, long bytesToClient) {

    private static final PodTally NOTHING = new PodTally(0, 0, 0, 0, 0);

    /** One for each Pod that is expected or named, in the order of {@link Receipts#names}; last that of no Pod. */
    static Map<String, PodTally> of(Receipts receipts) {
        Map<String, PodTally> tallies = new LinkedHashMap<>();
        receipts.names().forEach(name -> tallies.put(name, NOTHING));
        for (ConnectionRecord record : receipts.records()) {
            tallies.merge(BackendName.orNone(record), of(record), PodTally::plus);
            for (Attempt attempt : record.attempts()) {
                if (attempt.outcome() != Attempt.Outcome.CONNECTED) {
                    tallies.merge(BackendName.of(attempt), new PodTally(0, 0, 1, 0, 0), PodTally::plus);
                }
            }
        }
        return tallies;
    }

    private static PodTally of(ConnectionRecord record) {
        return new PodTally(1, record.failed() ? 1 : 0, 0, record.bytesToBackend(), record.bytesToClient());
    }

    private PodTally plus(PodTally other) {
        return new PodTally(
                connections + other.connections,
                failed + other.failed,
                failedTries + other.failedTries,
                bytesToBackend + other.bytesToBackend,
                bytesToClient + other.bytesToClient);
    }
}
