package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.PickReason;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules.AccessLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one client connection, as of one moment.
 *
 * @param id unique within the process, in no particular order
 * @param ordinal its place among the connections of its service port, from 1, in the order in which they came to their
 *     event loops
 * @param frontend where it came in
 * @param client address and port of the client
 * @param policy name of the policy that chose, or would have chosen
 * @param candidates what the policy chose from, in its order, ejected ones left out; empty for a connection that was turned
 *     away before
 * @param tries the backends tried, the first one first; one that is being tried is left out
 * @param backend address of the backend tried last; null before the first
 * @param pod name of the Pod behind that backend; null where none is known
 * @param pickReason why that backend was picked; null before the first
 * @param attempts connects begun
 * @param faults what was done to it on purpose, each rule as it is written
 * @param bytesToBackend bytes taken from the client and written towards the backend
 * @param bytesToClient bytes taken from the backend and written towards the client
 * @param accessLog whether its service port wants it to be logged
 * @param startNanos when it came, by the ticker of the data plane
 * @param millis age, or life time once it has ended
 * @param endReason null while it is open
 */
public record ConnectionView(
        long id,
        long ordinal,
        ServicePortName port,
        FrontendSpec frontend,
        SocketAddressSpec client,
        String policy,
        List<Backend> candidates,
        List<Attempt> tries,
        @Nullable SocketAddressSpec backend,
        @Nullable String pod,
        @Nullable PickReason pickReason,
        int attempts,
        List<String> faults,
        long bytesToBackend,
        long bytesToClient,
        AccessLog accessLog,
        long startNanos,
        long millis,
        @Nullable EndReason endReason)
        implements RelayView {

    @Override
    public @Nullable String endLabel() {
        return endReason == null ? null : endReason.label();
    }

    @Override
    public boolean hasFailed() {
        return endReason != null && endReason.isFailure();
    }
}
