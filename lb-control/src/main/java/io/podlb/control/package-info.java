/**
 * The command line and the control loop: the only wiring place of the control plane.
 *
 * <p>{@link io.podlb.control.Main} is the entry point; each verb is a class that ends in {@code Command}. {@code
 * Standalone} is one run from manifests: {@code Planner} says what is to be served (simulated Pods, admission,
 * translation, placement, in this order), {@code ControlLoop} brings the data plane there and publishes what it did.
 *
 * <p>A change is passed on as soon as the one before is in force; all that came meanwhile goes along with it. There is no
 * minimal time between passes and no periodic pass over everything (unlike kube-semantics 13.1): a pass costs what has changed.
 *
 * <p>May use everything below. The command classes know no logger and no Kubernetes objects, so that {@code version}
 * and {@code help} answer at once.
 */
@NullMarked
package io.podlb.control;

import org.jspecify.annotations.NullMarked;
