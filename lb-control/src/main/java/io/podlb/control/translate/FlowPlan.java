package io.podlb.control.translate;

import io.podlb.server.service.FlowMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the datagrams of a UDP port are kept together.
 *
 * @param idleTimeout how long a flow may go without a datagram; null: the default of the data plane
 * @param mode which datagrams stay together
 */
public record FlowPlan(@Nullable Duration idleTimeout, FlowMode mode) {}
