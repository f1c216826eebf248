/**
 * What podlb tells the cluster: Events about Services, where {@code kubectl describe service} shows them.
 *
 * <p>May use {@code cluster}. Never called by the control thread.
 */
@NullMarked
package io.podlb.control.report;

import org.jspecify.annotations.NullMarked;
