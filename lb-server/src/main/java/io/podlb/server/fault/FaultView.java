package io.podlb.server.fault;

import io.podlb.server.service.FaultRule;
import io.podlb.server.service.ServicePortName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A rule that was set, as of one moment.
 *
 * @param port the service port whose spec it is from; null: it was set for the whole data plane
 * @param left for how long it goes on, zero once its time is over; null: until it is taken back
 * @param hits connections, and datagrams of UDP, that it was done to
 */
public record FaultView(
        @Nullable ServicePortName port,
        FaultRule rule,
        @Nullable Duration left,
        long hits) {}
