package io.podlb.server.balance;

/** The mixing function of SplitMix64 (Steele, Lea, Flood 2014): each bit of the input moves about half of the output. */
final class SplitMix64 {

    /** The odd number next to 2^64 divided by the golden ratio. */
    static final long GAMMA = 0x9e3779b97f4a7c15L;

    private SplitMix64() {}

    /** A bijection without visible pattern. */
    static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }
}
