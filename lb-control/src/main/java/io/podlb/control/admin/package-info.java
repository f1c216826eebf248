/**
 * What people and programs are shown: the admin endpoint (health, metrics, services, connections) and the text and JSON
 * of {@code explain}.
 *
 * <p>{@link io.podlb.control.admin.ControlView} is what is shown, {@link io.podlb.control.admin.AdminServer} shows it
 * over HTTP, {@link io.podlb.control.admin.ServicesJson} and {@link io.podlb.control.admin.ExplainText} put it into
 * words. Everything here only reads, but for the faults of a lab; it runs on an event loop of its own, away from the data plane.
 *
 * <p>May use {@code translate}, {@code address}, {@code cluster} and the data plane.
 */
@NullMarked
package io.podlb.control.admin;

import org.jspecify.annotations.NullMarked;
