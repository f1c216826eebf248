package io.podlb.control.access;

import io.podlb.server.relay.Attempt;
import io.podlb.server.relay.ConnectionView;
import io.podlb.server.relay.FlowView;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is logged of one connection or UDP flow; immutable. Fields as in {@link ConnectionView}.
 *
 * @param time of its end
 * @param pick why the backend was picked; null if none was
 * @param end label of the reason of its end
 */
record AccessEntry(
        Instant time,
        ServicePortName port,
        FrontendSpec frontend,
        SocketAddressSpec client,
        @Nullable String pod,
        @Nullable SocketAddressSpec backend,
        String policy,
        @Nullable Object pick,
        List<Attempt> tries,
        long bytesToBackend,
        long bytesToClient,
        long millis,
        String end) {

    static AccessEntry of(Instant time, ConnectionView view) {
        return new AccessEntry(
                time,
                view.port(),
                view.frontend(),
                view.client(),
                view.pod(),
                view.backend(),
                view.policy(),
                view.pickReason(),
                view.tries(),
                view.bytesToBackend(),
                view.bytesToClient(),
                view.millis(),
                view.endReason() == null ? "open" : view.endReason().label());
    }

    static AccessEntry of(Instant time, FlowView view) {
        return new AccessEntry(
                time,
                view.port(),
                view.frontend(),
                view.client(),
                view.pod(),
                view.backend(),
                view.policy(),
                view.pickReason(),
                view.tries(),
                view.bytesToBackend(),
                view.bytesToClient(),
                view.millis(),
                view.end() == null ? "open" : view.end().label());
    }
}
