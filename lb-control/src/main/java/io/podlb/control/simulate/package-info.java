/**
 * Embedded Pods, so that any manifest can be tried as it is.
 */
@NullMarked
package io.podlb.control.simulate;

import org.jspecify.annotations.NullMarked;
