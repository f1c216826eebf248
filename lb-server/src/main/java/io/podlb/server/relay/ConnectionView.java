package io.podlb.server.relay;

import io.podlb.server.balance.PickReason;
import io.podlb.server.service.EndReason;
import io.podlb.server.service.FrontendSpec;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one client connection, as of one moment.
 *
 * @param id unique within the process, in no particular order
 * @param frontend where it came in
 * @param client address and port of the client
 * @param backend address of the backend picked last; null before the first pick
 * @param pod name of the Pod behind that backend; null where none is known
 * @param pickReason why that backend was picked; null before the first pick
 * @param attempts connects begun
 * @param bytesToBackend bytes taken from the client and written towards the backend
 * @param bytesToClient bytes taken from the backend and written towards the client
 * @param millis age, or life time once it has ended
 * @param endReason null while it is open
 */
public record ConnectionView(
        long id,
        ServicePortName port,
        FrontendSpec frontend,
        SocketAddressSpec client,
        @Nullable SocketAddressSpec backend,
        @Nullable String pod,
        @Nullable PickReason pickReason,
        int attempts,
        long bytesToBackend,
        long bytesToClient,
        long millis,
        @Nullable EndReason endReason) {}
