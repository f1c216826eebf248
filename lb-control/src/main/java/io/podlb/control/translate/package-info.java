/**
 * Pure functions from Kubernetes objects to what this node serves.
 *
 * <p>{@link io.podlb.control.translate.ServicePlan} is the result: what each front end of a Service does, and why. It
 * is shown by {@code explain} and the admin endpoint, and turned into specs for the data plane.
 *
 * <p>May use {@code cluster} and the vocabulary of the data plane. No clock, no input or output, no state.
 */
@NullMarked
package io.podlb.control.translate;

import org.jspecify.annotations.NullMarked;
