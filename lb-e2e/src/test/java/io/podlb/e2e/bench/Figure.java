package io.podlb.e2e.bench;

/**
 * A figure that a workload takes in each round: a column of its table.
 *
 * @param name with its unit
 * @param decimals digits after the point
 */
record Figure(String name, int decimals) {}
