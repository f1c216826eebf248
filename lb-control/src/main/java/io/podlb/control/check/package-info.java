/**
 * Sees whether endpoints are ready, where no kubelet does: {@link io.podlb.control.check.Checks} makes the checks that
 * {@link io.podlb.control.translate.EndpointChecks} asks for and says whose succeed.
 *
 * <p>One event loop makes all checks; everything else may be asked by any thread. May use {@code translate}.
 */
@NullMarked
package io.podlb.control.check;

import org.jspecify.annotations.NullMarked;
