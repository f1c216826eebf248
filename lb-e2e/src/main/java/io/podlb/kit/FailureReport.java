package io.podlb.kit;

import io.podlb.control.admin.Columns;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The message of a failed assertion about several connections: what was expected and found, then a table of the Pods,
 * then the records, those at fault first.
 */
final class FailureReport {

    /** More records than a reader would read. */
    static final int MOST_RECORDS = 50;

    private static final String INDENT = "  ";
    private static final Comparator<ConnectionRecord> ORDER = Comparator.comparing(ConnectionRecord::service)
            .thenComparing(ConnectionRecord::port)
            .thenComparingLong(ConnectionRecord::ordinal);

    private final Receipts receipts;
    private final Predicate<ConnectionRecord> atFault;
    private final @Nullable Expectation expectation;

    /** With those records marked. */
    FailureReport(Receipts receipts, Predicate<ConnectionRecord> atFault) {
        this(receipts, atFault, null);
    }

    /** With what each Pod could expect; nothing is marked. */
    FailureReport(Receipts receipts, Expectation expectation) {
        this(receipts, record -> false, expectation);
    }

    private FailureReport(Receipts receipts, Predicate<ConnectionRecord> atFault, @Nullable Expectation expectation) {
        this.receipts = receipts;
        this.atFault = atFault;
        this.expectation = expectation;
    }

    /** The message: {@code Service shop/web: expected all 3 connections on web-1, but ...}. */
    String text(String expected, String found) {
        String title = receipts.title().isEmpty() ? "" : receipts.title() + ": ";
        String head = OneLine.of(title + "expected " + expected + ", but " + found) + "\n";
        return receipts.records().isEmpty() && receipts.pods().isEmpty() ? head : head + pods() + records();
    }

    private String pods() {
        Columns table = new Columns(INDENT)
                .row("POD", "CONNECTIONS", "SHARE", "EXPECTED", "FAILED", "FAILED TRIES", "TO POD", "TO CLIENT");
        PodTally.of(receipts)
                .forEach((name, tally) -> table.row(
                        OneLine.of(name),
                        Long.toString(tally.connections()),
                        share(tally.connections()),
                        expected(name),
                        Long.toString(tally.failed()),
                        Long.toString(tally.failedTries()),
                        tally.bytesToBackend() + " B",
                        tally.bytesToClient() + " B"));
        return "\n" + table;
    }

    private String share(long connections) {
        return receipts.records().isEmpty()
                ? "-"
                : String.format(
                        Locale.ROOT,
                        "%.1f %%",
                        100.0 * connections / receipts.records().size());
    }

    private String expected(String pod) {
        Double count = expectation == null ? null : expectation.of(pod);
        return count == null ? "-" : String.format(Locale.ROOT, "%.1f", count);
    }

    private String records() {
        List<ConnectionRecord> all = receipts.records();
        if (all.isEmpty()) {
            return "";
        }
        Columns table = new Columns("")
                .row(
                        "",
                        "#",
                        "PORT",
                        "CLIENT",
                        "POD",
                        "TRIES",
                        "BEGAN AT",
                        "LASTED",
                        "TO POD",
                        "TO CLIENT",
                        "END",
                        "WHY");
        Stream<ConnectionRecord> inOrder = Stream.concat(
                all.stream().filter(atFault).sorted(ORDER),
                all.stream().filter(atFault.negate()).sorted(ORDER));
        inOrder.limit(MOST_RECORDS).forEach(record -> add(record, table));
        String more = all.size() > MOST_RECORDS ? INDENT + "and " + (all.size() - MOST_RECORDS) + " more\n" : "";
        return "\n" + table + more;
    }

    private void add(ConnectionRecord record, Columns table) {
        table.row(
                atFault.test(record) ? "!" : "",
                Long.toString(record.ordinal()),
                OneLine.servicePort(record),
                BackendName.of(record.client()),
                OneLine.of(BackendName.orNone(record)),
                record.attempts().size() == 1 ? "1" : tries(record),
                OneLine.of(record.started()),
                OneLine.of(record.lasted()),
                record.bytesToBackend() + " B",
                record.bytesToClient() + " B",
                OneLine.end(record) + (record.failed() ? " (failed)" : ""),
                OneLine.of(OneLine.orElse(record.why(), "-")));
    }

    private static String tries(ConnectionRecord record) {
        int count = record.attempts().size();
        return count == 0 ? "0" : count + ": " + OneLine.tries(record.attempts());
    }
}
