package io.podlb.server.balance;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Where random numbers of the data plane come from. May be used by any thread. */
@FunctionalInterface
public interface RandomSource {

    /** A number from 0 to {@code bound - 1}, uniformly; {@code bound} is at least 1. */
    int nextInt(int bound);

    /** The generator of the calling thread; not reproducible. */
    static RandomSource system() {
        return bound -> ThreadLocalRandom.current().nextInt(bound);
    }

    /**
     * One sequence for all callers, the same for the same seed: SplitMix64 over an atomic counter, reduced by
     * multiplication (Lemire 2019), which is uneven by less than {@code bound} in 2^32.
     */
    static RandomSource seeded(long seed) {
        AtomicLong state = new AtomicLong(seed);
        return bound -> {
            long high = SplitMix64.mix(state.addAndGet(SplitMix64.GAMMA)) >>> 32;
            return (int) (high * bound >>> 32);
        };
    }

    /**
     * Another sequence from the same seed, which draws from {@link #seeded(long)} and from streams of other names do not
     * move on.
     *
     * @param stream its name
     */
    static RandomSource seeded(long seed, String stream) {
        return seeded(SplitMix64.mix(seed ^ SplitMix64.mix(stream.hashCode())));
    }
}
