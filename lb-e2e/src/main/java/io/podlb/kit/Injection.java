package io.podlb.kit;

import io.podlb.server.fault.FaultInjection;
import io.podlb.server.fault.FaultView;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Faults that a test has set, until it closes this:
 *
 * <pre>{@code
 * try (Injection slow = service.inject(KitFault.latency(Duration.ofMillis(300)).toClient())) {
 *     ...
 *     assertThat(slow.hits()).isPositive();
 * }
 * }</pre>
 *
 * <p>Closing takes back these rules, all at once, and no others; connections that are open go on without them, but what was
 * done to them stays done. It is closed with its lab at the latest. Any thread.
 */
public final class Injection implements AutoCloseable {

    private final String text;
    private final FaultInjection rules;
    private final Consumer<Injection> whenClosed;
    private final AtomicBoolean closed = new AtomicBoolean();

    Injection(String text, FaultInjection rules, Consumer<Injection> whenClosed) {
        this.text = text;
        this.rules = rules;
        this.whenClosed = whenClosed;
    }

    /** Connections, and datagrams of UDP, that they were done to; once for each rule that one has met. */
    public long hits() {
        return rules.views().stream().mapToLong(FaultView::hits).sum();
    }

    /** Whether it has not been closed and at least one of the rules still has time. */
    public boolean isInForce() {
        return !closed.get()
                && rules.views().stream().anyMatch(view -> view.left() == null || !Duration.ZERO.equals(view.left()));
    }

    /** Does nothing the second time. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            rules.close();
            whenClosed.accept(this);
        }
    }

    /** {@code shop/web: latency=300ms; to=client; service=shop/web}. */
    @Override
    public String toString() {
        return text;
    }
}
