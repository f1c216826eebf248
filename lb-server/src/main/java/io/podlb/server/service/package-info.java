/**
 * The vocabulary of the data plane: what is to be served, as immutable records.
 *
 * <p>Reading order: {@link io.podlb.server.service.ServiceTable} (everything), {@link
 * io.podlb.server.service.ServicePortSpec} (the unit of work), {@link io.podlb.server.service.FrontendSpec} (where
 * clients come in), {@link io.podlb.server.service.BackendSpec} (where they are sent). A name that ends in {@code Spec}
 * is desired state; the bare noun elsewhere ({@code Backend}, {@code Listener}) is running state. {@link
 * io.podlb.server.service.FaultSet} is what goes wrong on purpose.
 *
 * <p>Uses nothing but the JDK. Every type is immutable and may be shared by all threads.
 */
@NullMarked
package io.podlb.server.service;

import org.jspecify.annotations.NullMarked;
