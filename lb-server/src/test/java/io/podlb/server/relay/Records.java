package io.podlb.server.relay;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what it is told. */
final class Records implements ConnectionObserver {

    private final List<ConnectionView> connections = new CopyOnWriteArrayList<>();
    private final List<FlowView> flows = new CopyOnWriteArrayList<>();

    @Override
    public void ended(RelayView view) {
        if (view instanceof FlowView flow) {
            flows.add(flow);
        } else if (view instanceof ConnectionView connection) {
            connections.add(connection);
        }
    }

    List<ConnectionView> connections() {
        return connections;
    }

    List<FlowView> flows() {
        return flows;
    }

    /** Waits for so many; a client that has closed cannot see when podlb has. */
    List<ConnectionView> connections(int count) {
        await().atMost(Duration.ofSeconds(20))
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> connections.size() >= count);
        return connections;
    }

    /** {@code [failed, connected]} of each try. */
    static List<String> outcomes(List<Attempt> tries) {
        return tries.stream().map(attempt -> attempt.outcome().label()).toList();
    }
}
