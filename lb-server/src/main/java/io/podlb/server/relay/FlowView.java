package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.balance.PickReason;
import io.podlb.server.service.FlowEnd;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import io.podlb.server.service.TrafficRules.AccessLog;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one UDP flow, as of one moment.
 *
 * @param id unique within the process, among connections too, in no particular order
 * @param ordinal its place among the flows of its service port, from 1, in the order in which they began
 * @param frontend where it came in
 * @param client address and port of the client
 * @param policy name of the policy that chose, or would have chosen
 * @param candidates what the policy chose from at last, in its order, ejected ones left out
 * @param tries the backends tried, the first one first; one that is being tried is left out
 * @param backend address of the backend picked last; null before the first pick
 * @param pod name of the Pod behind that backend; null where none is known
 * @param pickReason why that backend was picked; null before the first pick
 * @param attempts backends that it was sent to, or was to be
 * @param faults what is done to it on purpose with that backend, each rule as it is written
 * @param bytesToBackend bytes in the datagrams sent to backends
 * @param bytesToClient bytes in the datagrams sent to the client
 * @param accessLog whether its service port wants it to be logged
 * @param startNanos when it began, by the ticker of the data plane
 * @param millis age, or life time once it has ended
 * @param end null while it is open
 */
public record FlowView(
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
        @Nullable FlowEnd end)
        implements RelayView {

    @Override
    public @Nullable String endLabel() {
        return end == null ? null : end.label();
    }

    /** A flow that was answered ends by its timeout as a rule; a request that was not has failed. */
    @Override
    public boolean hasFailed() {
        if (end == null) {
            return false;
        }
        return switch (end) {
            case CONNECT_FAILED, NO_BACKEND, LOCAL_RESOURCES, INTERNAL_ERROR -> true;
            case IDLE_TIMEOUT -> tries.stream().anyMatch(attempt -> attempt.outcome() == Attempt.Outcome.TIMED_OUT);
            case ANSWERED, EVICTED, STALE, FRONTEND_CLOSED -> false;
        };
    }
}
