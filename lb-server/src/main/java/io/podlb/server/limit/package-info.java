/**
 * How many connections a service port takes.
 *
 * <p>Reading order: {@link io.podlb.server.limit.Limiter} (one per service port), {@link io.podlb.server.limit.Entry}
 * (what one connection holds), {@code WaitingLine} and {@code Turn} (those that wait for a place), {@code
 * ClientConnections} and {@code ClientRates} (what each client may have).
 *
 * <p>May use {@code balance}, {@code backend}, {@code metrics} and {@code service}. Everything here is used by many event
 * loops at once; nothing locks while no connection waits.
 */
@NullMarked
package io.podlb.server.limit;

import org.jspecify.annotations.NullMarked;
