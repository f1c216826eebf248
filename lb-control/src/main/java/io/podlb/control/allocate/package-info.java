/**
 * What the API server does to a Service before anybody sees it: defaults, validation, cluster IPs and node ports.
 */
@NullMarked
package io.podlb.control.allocate;

import org.jspecify.annotations.NullMarked;
