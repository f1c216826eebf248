package io.podlb.server.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Where random numbers of the data plane come from. May be used by any thread. */
@FunctionalInterface
public interface RandomSource {

    /** A number from 0 to {@code bound - 1}, uniformly. */
    int nextInt(int bound);

    /** The generator of the calling thread; not reproducible. */
    static RandomSource system() {
        return bound -> ThreadLocalRandom.current().nextInt(bound);
    }

    /**
     * One sequence for all callers, the same for the same seed: SplitMix64 (Steele, Lea, Flood 2014) over an atomic
     * counter, reduced by multiplication (Lemire 2019).
     */
    static RandomSource seeded(long seed) {
        AtomicLong state = new AtomicLong(seed);
        return bound -> {
            long z = state.addAndGet(0x9e3779b97f4a7c15L);
            z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
            z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
            z ^= (z >>> 31);
            return (int) (((z >>> 32) * bound) >>> 32);
        };
    }
}
