/**
 * Running state of one backend address, which outlives table versions.
 *
 * <p>{@link io.podlb.server.backend.Backend} is made and retired by the pool of its service port on the control thread
 * and read by all event loops. May use {@code service} and {@code metrics}.
 */
@NullMarked
package io.podlb.server.backend;

import org.jspecify.annotations.NullMarked;
