package io.podlb.control.allocate;

import java.util.function.LongPredicate;

/**
 * The two bands of a range: numbers from the lower one are asked for by manifests, those from the upper one are handed
 * out first, so that the two seldom meet (kube-semantics 16.2, 17.7).
 *
 * <p>Where an API server begins at a random position, this begins at one that follows from the name of what asks, so
 * that the same manifests get the same numbers whenever they are read.
 *
 * @param size of the whole range
 * @param offset size of the lower band; 0 for a range too small for two
 */
record Bands(long size, long offset) {

    private static final long FNV_BASIS = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    /**
     * Bands of cluster IPs.
     *
     * @param usable how many there are
     * @param block the block of addresses, those that cannot be used included
     */
    static Bands ofAddresses(long usable, long block) {
        return new Bands(usable, block <= 16 ? 0 : Math.min(Math.max(16, block / 16), 256));
    }

    /** Bands of node ports. */
    static Bands ofPorts(int size) {
        return new Bands(size, size <= 16 ? 0 : Math.min(Math.max(16, size / 32), 128));
    }

    /** The first free position for the name: from its own one on, the upper band before the lower; -1 if none is free. */
    long firstFree(String name, LongPredicate free) {
        long found = firstFree(name, offset, size, free);
        return found >= 0 ? found : firstFree(name, 0, Math.min(offset, size), free);
    }

    private static long firstFree(String name, long from, long to, LongPredicate free) {
        long length = to - from;
        if (length <= 0) {
            return -1;
        }
        long start = Long.remainderUnsigned(hash(name), length);
        for (long i = 0; i < length; i++) {
            long position = from + (start + i < length ? start + i : start + i - length);
            if (free.test(position)) {
                return position;
            }
        }
        return -1;
    }

    /** FNV-1a with a finalizer that spreads it; part of what keeps addresses where they are, so never to be changed. */
    private static long hash(String name) {
        long hash = FNV_BASIS;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * FNV_PRIME;
        }
        hash = (hash ^ hash >>> 33) * 0xff51afd7ed558ccdL;
        hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
        return hash ^ hash >>> 33;
    }
}
