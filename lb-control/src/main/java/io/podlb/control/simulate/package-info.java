/**
 * Embedded Pods, so that any manifest can be tried as it is.
 *
 * <p>{@link io.podlb.control.simulate.Simulation} says which Pods there would be and gives each an address; it opens
 * nothing. {@link io.podlb.control.simulate.PodServers} opens what the current ones listen on.
 *
 * <p>May use {@code address}, {@code cluster} and the vocabulary of the data plane. Both entry points belong to the
 * control thread; connections are served by an event loop of their own.
 */
@NullMarked
package io.podlb.control.simulate;

import org.jspecify.annotations.NullMarked;
