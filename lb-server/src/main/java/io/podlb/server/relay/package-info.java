/**
 * One client connection: dial, relay, half-close, timeouts, end. And the flows of UDP: {@link
 * io.podlb.server.relay.UdpFront}, where clients come in; {@code ClientFlow} with its {@code Upstream}, the rule; {@code
 * Exchange} with {@code SharedUpstream}, for DNS requests that are balanced one by one.
 *
 * <p>A connection and everything that belongs to it is confined to one event loop. May use {@code balance}, {@code
 * backend}, {@code transport}, {@code metrics} and {@code service}.
 */
@NullMarked
package io.podlb.server.relay;

import org.jspecify.annotations.NullMarked;
