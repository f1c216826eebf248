/**
 * Kubernetes Services inside JUnit 5: the data plane and the control plane of podlb in the JVM of a test, with embedded
 * Pods, faults, a seed, and a receipt for every connection.
 */
@NullMarked
package io.podlb.kit;

import org.jspecify.annotations.NullMarked;
