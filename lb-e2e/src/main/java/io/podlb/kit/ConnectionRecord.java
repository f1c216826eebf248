package io.podlb.kit;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receipt of one client connection, or of one UDP flow, to a Service. Immutable.
 *
 * @param ordinal its place among the connections of its service port, from 1, in the order of arrival
 * @param service {@code namespace/name}
 * @param port {@code http} or, where the port has no name, its number; {@code 53/UDP} where it is not TCP
 * @param udp whether it is a UDP flow
 * @param frontEnd the kind of front end that it came in by: {@code ClusterIP}, {@code NodePort} …
 * @param client the client's address, the announced one where the PROXY protocol said so
 * @param policy the policy that chose: {@code random}
 * @param candidates the Pods (addresses where there is no Pod) that it could have got, in the policy's order
 * @param attempts every try, the first one first
 * @param faults what was done to it on purpose, each rule as {@link KitFault} writes it; empty: nothing
 * @param pod name of the Pod that it was connected to; null if it was connected to none, or none is known
 * @param backend where that Pod listens; null if it was connected to none
 * @param why why that one was picked, a clause for people; null if none was
 * @param bytesToBackend bytes taken from the client
 * @param bytesToClient bytes taken from the Pod
 * @param started from the start of the lab to its arrival
 * @param lasted from its arrival to its end, or until now
 * @param end how it ended, the label of an {@link io.podlb.server.service.EndReason} or
 *     {@link io.podlb.server.service.FlowEnd}; null while it is open
 * @param failed whether the client saw anything but two streams brought to their ends; false while it is open
 */
public record ConnectionRecord(
        long ordinal,
        String service,
        String port,
        boolean udp,
        String frontEnd,
        InetSocketAddress client,
        String policy,
        List<String> candidates,
        List<Attempt> attempts,
        List<String> faults,
        @Nullable String pod,
        @Nullable InetSocketAddress backend,
        @Nullable String why,
        long bytesToBackend,
        long bytesToClient,
        Duration started,
        Duration lasted,
        @Nullable String end,
        boolean failed) {

    public ConnectionRecord {
        candidates = List.copyOf(candidates);
        attempts = List.copyOf(attempts);
        faults = List.copyOf(faults);
    }

    /** Whether it has not ended. */
    public boolean isOpen() {
        return end == null;
    }
}
