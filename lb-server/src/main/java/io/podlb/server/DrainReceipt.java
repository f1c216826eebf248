package io.podlb.server;

import io.podlb.server.relay.DrainCounts;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.service.SocketAddressSpec;
import org.jspecify.annotations.Nullable;

/**
 * The record of one backend that was drained.
 *
 * @param backend its address
 * @param pod name of the Pod behind it; null where none is known
 * @param counts how its connections ended
 * @param millis how long that took
 */
public record DrainReceipt(
        ServicePortName port,
        SocketAddressSpec backend,
        @Nullable String pod,
        DrainCounts counts,
        long millis) {}
