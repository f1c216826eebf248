/** Benchmarks of single steps of the data plane, by JMH: {@code bash lb-e2e/bench/jmh.sh}. */
@NullMarked
package io.podlb.e2e.bench.jmh;

import org.jspecify.annotations.NullMarked;
