package io.podlb.kit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The receipts of some connections together with the Pods that should be seen in them. Immutable. Each filter gives
 * another one with fewer records and the same Pods.
 *
 * @param title what they are the receipts of, for messages: {@code Service shop/web}; empty if there is nothing to say
 * @param pods the Pods that should be seen, whether or not they were; empty if only those matter that were candidates
 * @param records one for each connection, in any order
 */
public record Receipts(String title, List<String> pods, List<ConnectionRecord> records) {

    public Receipts {
        pods = List.copyOf(pods);
        records = List.copyOf(records);
    }

    /** Receipts without a title, of which no Pod is expected but those that were candidates. */
    public static Receipts of(List<ConnectionRecord> records) {
        return new Receipts("", List.of(), records);
    }

    /** Those that came by this port, as {@link ConnectionRecord#port()} spells it: {@code http}, {@code 53/UDP}. */
    public Receipts ofPort(String port) {
        return only(record -> record.port().equals(port));
    }

    /** Those of all clients with this IP address. */
    public Receipts from(InetAddress client) {
        return only(record -> client.equals(record.client().getAddress()));
    }

    /** Those of the client with this address and port, which for TCP is one at a time. */
    public Receipts from(InetSocketAddress client) {
        return only(record -> record.client().equals(client));
    }

    /** Those that were connected to this Pod. */
    public Receipts to(String pod) {
        return only(record -> pod.equals(BackendName.of(record)));
    }

    /**
     * Those that arrived in a span of time.
     *
     * @param from its first moment, since the start of the lab
     * @param to the first moment after it
     */
    public Receipts startedBetween(Duration from, Duration to) {
        return only(record ->
                record.started().compareTo(from) >= 0 && record.started().compareTo(to) < 0);
    }

    /** The expected Pods, then all others in the order in which the records name them. */
    Set<String> names() {
        Set<String> names = new LinkedHashSet<>(pods);
        for (ConnectionRecord record : records) {
            names.addAll(record.candidates());
            record.attempts().forEach(attempt -> names.add(BackendName.of(attempt)));
            String backend = BackendName.of(record);
            if (backend != null) {
                names.add(backend);
            }
        }
        return names;
    }

    private Receipts only(Predicate<ConnectionRecord> wanted) {
        return new Receipts(title, pods, records.stream().filter(wanted).toList());
    }
}
