/**
 * Pure functions from Kubernetes objects to what this node serves.
 *
 * <p>Reading order: {@link io.podlb.control.translate.ClusterIndex} (the objects of one Service), {@link
 * io.podlb.control.translate.EndpointSlices} (what the controllers of a cluster would make of them), {@link
 * io.podlb.control.translate.ServiceTranslator} (the rules of a proxy), {@link
 * io.podlb.control.translate.ServicePlan} (the result: what each front end of a Service does, and why), {@link
 * io.podlb.control.translate.ServicePortSpecs} (what of it the data plane is told). The plan is shown by {@code
 * explain} and the admin endpoint.
 *
 * <p>May use {@code cluster} and the vocabulary of the data plane. No clock, no input or output, no state.
 */
@NullMarked
package io.podlb.control.translate;

import org.jspecify.annotations.NullMarked;
