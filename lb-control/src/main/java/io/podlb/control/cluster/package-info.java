/**
 * The vocabulary of the control plane: the Kubernetes objects that are known ({@link
 * io.podlb.control.cluster.ClusterState}), where each came from, and what is wrong with them ({@link
 * io.podlb.control.cluster.Problem}).
 *
 * <p>Uses the fabric8 model classes, which are mutable by nature: nobody changes one after it was put here. Whoever
 * wants another object makes a copy with its builder.
 */
@NullMarked
package io.podlb.control.cluster;

import org.jspecify.annotations.NullMarked;
