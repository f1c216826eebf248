package io.podlb.kit;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions about the connections to a Service. Not thread-safe.
 *
 * <p>What must hold for all of no connections holds, except where that would hide that nothing was tested: those that
 * say where connections were and how they ended ({@code areAllOn}, {@code areAllOnOnePod}, {@code endedWith},
 * {@code areDistributed...}) fail.
 *
 * <p>A Pod is named as in {@link ConnectionRecord#pod()}; an endpoint without one by its address, as among the
 * candidates.
 */
// Not final, and with a public constructor: AssertJ makes a subclass of it for soft assertions.
public class ConnectionsAssert extends AbstractAssert<ConnectionsAssert, Receipts> {

    /** How often {@code areDistributed...} fails although the Service does what it should: once in a thousand runs. */
    public static final double DEFAULT_LEVEL = 0.001;

    /** About these; see {@link PodlbAssertions}. */
    public ConnectionsAssert(@Nullable Receipts actual) {
        super(actual, ConnectionsAssert.class);
    }

    /** Narrows to a port, see {@link Receipts#ofPort}; the description is kept. */
    public ConnectionsAssert ofPort(String port) {
        isNotNull();
        return narrowedTo(actual.ofPort(port));
    }

    /** Narrows to the clients with an IP address; the description is kept. */
    public ConnectionsAssert from(InetAddress client) {
        isNotNull();
        return narrowedTo(actual.from(client));
    }

    /** Narrows to the client with an address and port; the description is kept. */
    public ConnectionsAssert from(InetSocketAddress client) {
        isNotNull();
        return narrowedTo(actual.from(client));
    }

    /** Narrows to the connections that were connected to a Pod; the description is kept. */
    public ConnectionsAssert to(String pod) {
        isNotNull();
        return narrowedTo(actual.to(pod));
    }

    /** Narrows to those that arrived from one moment on and before another; the description is kept. */
    public ConnectionsAssert startedBetween(Duration from, Duration to) {
        isNotNull();
        return narrowedTo(actual.startedBetween(from, to));
    }

    /** Goes on with AssertJ's own assertions about the list of records; the description is kept. */
    public ListAssert<ConnectionRecord> records() {
        isNotNull();
        ListAssert<ConnectionRecord> records = Assertions.assertThat(actual.records());
        records.info.description(info.description());
        records.info.overridingErrorMessage(info.overridingErrorMessage());
        return records;
    }

    /** Verifies how many there are. */
    public ConnectionsAssert hasSize(int expected) {
        isNotNull();
        int size = actual.records().size();
        if (size != expected) {
            fail(record -> false, count(expected), size == 1 ? "there is 1" : "there are " + size);
        }
        return myself;
    }

    /** As {@link #areDistributedEvenly(double)} at {@link #DEFAULT_LEVEL}. */
    public ConnectionsAssert areDistributedEvenly() {
        return areDistributedEvenly(DEFAULT_LEVEL);
    }

    /**
     * Verifies that each connection had the same chance to be on each of its candidates, by Pearson's chi-square test.
     * All Pods are counted that were candidates or should be seen, those that got none as well. Evener than chance
     * passes too, so that round-robin does. It fails if that is too few connections to tell, with the number needed.
     *
     * @param level how often it may fail although the chances were the same; above 0 and below 1
     */
    public ConnectionsAssert areDistributedEvenly(double level) {
        isNotNull();
        return follow(Expectation.even(actual), "evenly", level);
    }

    /** As {@link #areDistributedByWeights(Map, double)} at {@link #DEFAULT_LEVEL}. */
    public ConnectionsAssert areDistributedByWeights(Map<String, Integer> weights) {
        return areDistributedByWeights(weights, DEFAULT_LEVEL);
    }

    /**
     * As {@link #areDistributedEvenly(double)}, with chances by weight.
     *
     * @param weights a weight of at least 0 for each Pod that was a candidate; a Pod of weight 0 must have got none
     * @param level how often it may fail although the chances were those; above 0 and below 1
     */
    public ConnectionsAssert areDistributedByWeights(Map<String, Integer> weights, double level) {
        isNotNull();
        return follow(Expectation.weighted(actual, weights), "by weights", level);
    }

    /** Verifies that no client saw anything but two streams brought to their ends; open connections have not failed. */
    public ConnectionsAssert haveNoFailed() {
        isNotNull();
        return none(ConnectionRecord::failed, "no connection to have failed", "have");
    }

    /** Verifies that there are some and all were connected to this Pod. */
    public ConnectionsAssert areAllOn(String pod) {
        isNotNull();
        return all(record -> pod.equals(BackendName.of(record)), "on " + pod);
    }

    /** Verifies that there are some and all were connected to the same Pod, as session affinity asks. */
    public ConnectionsAssert areAllOnOnePod() {
        isNotNull();
        Set<String> on = actual.records().stream().map(BackendName::orNone).collect(Collectors.toSet());
        if (on.size() != 1 || on.contains(BackendName.NONE)) {
            String found = on.isEmpty()
                    ? "there is none"
                    : "they are on " + on.stream().sorted().collect(Collectors.joining(", "));
            fail(record -> BackendName.of(record) == null, allOf("on one Pod"), found);
        }
        return myself;
    }

    /** Verifies that no connection ever tried this Pod. */
    public ConnectionsAssert neverTouched(String pod) {
        isNotNull();
        return none(
                record -> pod.equals(BackendName.of(record))
                        || record.attempts().stream().anyMatch(attempt -> pod.equals(BackendName.of(attempt))),
                "no try of " + pod,
                "tried it");
    }

    /** Verifies that no connection was connected to this Pod; it may have been tried in vain. */
    public ConnectionsAssert neverConnectedTo(String pod) {
        isNotNull();
        return none(record -> pod.equals(BackendName.of(record)), "no connection on " + pod, "were");
    }

    /** Verifies that none needed more tries after its first. */
    public ConnectionsAssert wereRetriedAtMost(int retries) {
        isNotNull();
        return none(
                record -> record.attempts().size() - 1 > retries,
                "at most " + retries + (retries == 1 ? " retry" : " retries") + " of each connection",
                "had more");
    }

    /** Verifies that there are some and all ended so; an open connection has not. */
    public ConnectionsAssert endedWith(String end) {
        isNotNull();
        return all(record -> end.equals(record.end()), "to have ended with " + end);
    }

    /**
     * Verifies that a Pod was drained: no connection that was connected to it arrived after the drain began, and all
     * that were have ended when its time was over.
     *
     * @param pod a Pod that was expected, or a candidate once
     * @param limit from the beginning of the drain to its deadline, which is still in time
     * @param began when the drain began, since the start of the lab; what arrived in that very moment came before it
     */
    public ConnectionsAssert drainedWithin(String pod, Duration limit, Duration began) {
        isNotNull();
        String expected = pod + " to be drained within " + OneLine.of(limit) + " from " + OneLine.of(began) + " on";
        if (!actual.names().contains(pod)) {
            fail(record -> false, expected, "that is none of its Pods: " + String.join(", ", actual.names()));
        }
        Duration deadline = began.plus(limit);
        Predicate<ConnectionRecord> on = record -> pod.equals(BackendName.of(record));
        Predicate<ConnectionRecord> late = on.and(record -> record.started().compareTo(began) > 0);
        Predicate<ConnectionRecord> lasting = on.and(record ->
                record.isOpen() || record.started().plus(record.lasted()).compareTo(deadline) > 0);
        long arrivedLate = actual.records().stream().filter(late).count();
        long tooLong = actual.records().stream().filter(lasting).count();
        if (arrivedLate + tooLong > 0) {
            fail(
                    late.or(lasting),
                    expected,
                    arrivedLate + " of its connections arrived later and " + tooLong + " had not ended by "
                            + OneLine.of(deadline));
        }
        return myself;
    }

    private ConnectionsAssert narrowedTo(Receipts receipts) {
        ConnectionsAssert narrowed = new ConnectionsAssert(receipts);
        narrowed.info.description(info.description());
        narrowed.info.overridingErrorMessage(info.overridingErrorMessage());
        return narrowed;
    }

    private ConnectionsAssert follow(Expectation expectation, String how, double level) {
        if (!(level > 0 && level < 1)) {
            throw new IllegalArgumentException("level: " + level + " (expected: above 0 and below 1)");
        }
        String problem = expectation.problem();
        if (problem == null) {
            double statistic = expectation.statistic();
            double p = ChiSquare.tail(statistic, expectation.degreesOfFreedom());
            if (p >= level) {
                return myself;
            }
            problem = String.format(
                    Locale.ROOT,
                    "chance alone gives such counts with p = %.2g (chi-square %.2f, degrees of freedom %d)",
                    p,
                    statistic,
                    expectation.degreesOfFreedom());
        }
        String expected = count(expectation.connections()) + " to be distributed " + how + " over " + expectation.pods()
                + " Pods at level " + level;
        failWithMessage("%s", new FailureReport(actual, expectation).text(expected, problem));
        return myself;
    }

    private ConnectionsAssert all(Predicate<ConnectionRecord> wanted, String what) {
        List<ConnectionRecord> records = actual.records();
        long others = records.stream().filter(wanted.negate()).count();
        if (others > 0 || records.isEmpty()) {
            fail(
                    wanted.negate(),
                    allOf(what),
                    records.isEmpty() ? "there is none" : others + (others == 1 ? " is not" : " are not"));
        }
        return myself;
    }

    private ConnectionsAssert none(Predicate<ConnectionRecord> unwanted, String expected, String did) {
        long found = actual.records().stream().filter(unwanted).count();
        if (found > 0) {
            fail(unwanted, expected, found + " of " + actual.records().size() + " " + did);
        }
        return myself;
    }

    private String allOf(String what) {
        return "all of " + count(actual.records().size()) + " " + what;
    }

    private static String count(int connections) {
        return connections + (connections == 1 ? " connection" : " connections");
    }

    private void fail(Predicate<ConnectionRecord> atFault, String expected, String found) {
        failWithMessage("%s", new FailureReport(actual, atFault).text(expected, found));
    }
}
