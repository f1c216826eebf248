/**
 * The access log: a line for each connection and UDP flow that has ended, written by a thread of its own.
 *
 * <p>Knows the data plane's records alone, and nothing of the control plane.
 */
@NullMarked
package io.podlb.control.access;

import org.jspecify.annotations.NullMarked;
