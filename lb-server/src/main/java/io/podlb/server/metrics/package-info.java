/**
 * Metric names and the handles that the data plane updates.
 *
 * <p>{@link io.podlb.server.metrics.MetricNames} has every name. A name in the registry carries its labels, as in
 * {@code podlb_connections_total{namespace=default,service=web,port=,protocol=TCP,family=IPv4}}; a name that ends in
 * {@code _total} only grows, and one that ends in {@code _seconds} is a histogram kept in nanoseconds.
 *
 * <p>Handles may be updated by any thread. May use {@code service}.
 */
@NullMarked
package io.podlb.server.metrics;

import org.jspecify.annotations.NullMarked;
