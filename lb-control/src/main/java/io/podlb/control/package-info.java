/**
 * The command line and the control loop.
 */
@NullMarked
package io.podlb.control;

import org.jspecify.annotations.NullMarked;
