/**
 * Benchmarks of the data path: {@code bash lb-e2e/bench/tcp.sh}. What takes part: {@link io.podlb.e2e.bench.Proxy} and
 * {@link io.podlb.e2e.bench.Candidates}; what is asked of it: {@link io.podlb.e2e.bench.Workload}; how figures come
 * about: {@link io.podlb.e2e.bench.Rounds}, {@link io.podlb.e2e.bench.CpuTime}, {@link io.podlb.e2e.bench.Report}.
 */
@NullMarked
package io.podlb.e2e.bench;

import org.jspecify.annotations.NullMarked;
