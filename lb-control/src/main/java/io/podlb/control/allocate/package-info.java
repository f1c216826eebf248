/**
 * What the API server does to a Service before anybody sees it: defaults, validation, cluster IPs and node ports.
 *
 * <p>{@link io.podlb.control.allocate.Admission} is the way in. A {@code Draft} passes {@code Defaults} (18), {@code
 * CarryOver} (20), {@code ServiceRules} and {@code PortRules} (19), {@code Families} (21) and at last an {@code
 * Allocation} (16, 17). Numbers are those of the kube-semantics.
 *
 * <p>May use {@code cluster} and the vocabulary of the data plane. Pure functions: no clock, no randomness, no input or
 * output; what has to be remembered is a value, {@link io.podlb.control.allocate.Held}.
 */
@NullMarked
package io.podlb.control.allocate;

import org.jspecify.annotations.NullMarked;
