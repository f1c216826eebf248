package io.podlb.kit;

import io.podlb.server.relay.ConnectionView;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A lab in a store of JUnit, which closes it, and what the tests that use it have left. While several run at once nobody
 * can say whose a connection is; the last one is asked for all.
 */
final class LabOfTests implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LabOfTests.class);
    private static final Duration LINGER = Duration.ofSeconds(2);

    private final Lab lab;
    private final Collection<Lab> running;
    private final boolean shared;
    private final Set<Injection> set = ConcurrentHashMap.newKeySet(); // before the tests that run now
    private final Set<Long> known = ConcurrentHashMap.newKeySet(); // open before the tests that run now
    private int tests; // lock of this

    /**
     * Takes charge of a lab.
     *
     * @param shared whether it is for more than one test; faults that the only one leaves end with the lab
     */
    LabOfTests(Lab lab, Collection<Lab> running, boolean shared) {
        this.lab = lab;
        this.shared = shared;
        this.running = running;
        running.add(lab);
    }

    Lab lab() {
        return lab;
    }

    /**
     * A test begins.
     *
     * @return the moment, for {@link #end}
     */
    synchronized Duration begin() {
        if (tests++ == 0) {
            known.clear();
            set.clear();
            set.addAll(lab.injections());
            lab.open().forEach(connection -> known.add(connection.id()));
        }
        return lab.now();
    }

    /**
     * A test has ended.
     *
     * @param begun when it began
     * @param failure what it failed with; null if it did not
     */
    void end(LeakCheck leaks, String test, Duration begun, @Nullable Throwable failure) {
        if (failure != null) {
            TestReport.write(lab, test, lab.connectionsSince(begun));
        }
        boolean last;
        synchronized (this) {
            last = --tests == 0;
        }
        if (last && leaks != LeakCheck.OFF) {
            String left = faults() + lingering();
            if (!left.isEmpty()) {
                String message = test + " left something open, close it before it ends:\n" + left;
                if (leaks == LeakCheck.WARN || failure != null) {
                    log.warn("{}", message);
                } else {
                    TestReport.write(lab, test, lab.connectionsSince(begun));
                    throw new AssertionError(message);
                }
            }
        }
    }

    /** Takes back what the tests have left, so that those that follow do not suffer for it. */
    private String faults() {
        List<Injection> left = shared
                ? lab.injections().stream()
                        .filter(injection -> !set.contains(injection))
                        .toList()
                : List.of();
        left.forEach(Injection::close);
        return left.stream().map(injection -> "  faults: " + injection + "\n").collect(Collectors.joining());
    }

    private String lingering() {
        List<ConnectionView> left = Patience.until(LINGER, this::left, List::isEmpty);
        return left.stream()
                .map(connection -> "  connection: " + connection.client() + " to " + connection.port() + ", Pod "
                        + connection.pod())
                .collect(Collectors.joining("\n"));
    }

    private List<ConnectionView> left() {
        return lab.open().stream()
                .filter(connection -> !known.contains(connection.id()))
                .toList();
    }

    @Override
    public void close() {
        running.remove(lab);
        lab.close();
    }
}
