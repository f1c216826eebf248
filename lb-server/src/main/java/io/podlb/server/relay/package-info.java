/**
 * One client connection: dial, relay, half-close, timeouts, end.
 *
 * <p>A connection and everything that belongs to it is confined to one event loop. May use {@code balance}, {@code
 * backend}, {@code transport}, {@code metrics} and {@code service}.
 */
@NullMarked
package io.podlb.server.relay;

import org.jspecify.annotations.NullMarked;
