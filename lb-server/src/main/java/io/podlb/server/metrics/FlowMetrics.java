package io.podlb.server.metrics;

import com.codahale.metrics.Counter;
import io.podlb.server.service.DatagramDrop;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.ServicePortName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counters of the UDP flows of one service port. May be used by any thread. */
public final class FlowMetrics {

    private final Registered registered;
    private final ServicePortName port;
    private final Counter flows;
    private final Counter open;
    private final Counter datagramsToBackend;
    private final Counter datagramsToClient;
    private final Counter bytesToBackend;
    private final Counter bytesToClient;
    private final Map<FlowEnd, Counter> ended = new ConcurrentHashMap<>();
    private final Map<DatagramDrop, Counter> dropped = new ConcurrentHashMap<>();

    FlowMetrics(Registered registered, ServicePortName port) {
        this.registered = registered;
        this.port = port;
        this.flows = counter(MetricNames.UDP_FLOWS);
        this.open = counter(MetricNames.UDP_FLOWS_OPEN);
        this.datagramsToBackend = counter(MetricNames.UDP_DATAGRAMS, "direction", "to-backend");
        this.datagramsToClient = counter(MetricNames.UDP_DATAGRAMS, "direction", "to-client");
        this.bytesToBackend = counter(MetricNames.UDP_BYTES, "direction", "to-backend");
        this.bytesToClient = counter(MetricNames.UDP_BYTES, "direction", "to-client");
    }

    public void began() {
        flows.inc();
        open.inc();
    }

    /** Ends what {@link #began} began. */
    public void ended(FlowEnd reason) {
        open.dec();
        ended.computeIfAbsent(reason, r -> counter(MetricNames.UDP_FLOWS_ENDED, "reason", r.label()))
                .inc();
    }

    public void toBackend(int bytes) {
        datagramsToBackend.inc();
        bytesToBackend.inc(bytes);
    }

    public void toClient(int bytes) {
        datagramsToClient.inc();
        bytesToClient.inc(bytes);
    }

    public void dropped(DatagramDrop reason) {
        dropped.computeIfAbsent(reason, r -> counter(MetricNames.UDP_DATAGRAMS_DROPPED, "reason", r.label()))
                .inc();
    }

    private Counter counter(String name, String... labels) {
        return registered.counter(MetricNames.of(name, port, labels));
    }
}
