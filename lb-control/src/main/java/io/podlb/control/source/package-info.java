/**
 * Reading Kubernetes objects and watching them for changes. The only code that opens manifests.
 */
@NullMarked
package io.podlb.control.source;

import org.jspecify.annotations.NullMarked;
