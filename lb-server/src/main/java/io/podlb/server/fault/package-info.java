/**
 * Faults on purpose, as they run: which rules are in force, and what they do to one connection or flow.
 *
 * <p>Reading order: {@link io.podlb.server.fault.Faults} (all rules of a data plane), {@link
 * io.podlb.server.fault.PortFaults} (what is asked for every connection), {@link io.podlb.server.fault.FaultPlan} (what
 * becomes of one), {@link io.podlb.server.fault.StreamFaults} and {@link io.podlb.server.fault.DatagramFaults} (one way of
 * it). Nothing here waits or knows a timer: the relay asks how long, and waits.
 *
 * <p>Thread rule: rules are shared by all threads; a plan and what it holds belong to the event loop of their connection.
 */
@NullMarked
package io.podlb.server.fault;

import org.jspecify.annotations.NullMarked;
