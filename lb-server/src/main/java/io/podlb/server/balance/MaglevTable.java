package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import io.podlb.server.service.SocketAddressSpec;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The lookup table of Maglev (Eisenbud et al., NSDI 2016, section 3.4): every backend owns entries in proportion to its
 * weight, and a change of the backends leaves nearly all entries of the others where they are. Immutable; the same for
 * the same backends and weights, in whatever order they come.
 *
 * <p>Size: a prime of at least 100 entries per backend, which keeps both the imbalance and the entries that move for no
 * reason near one percent. One large table for all would cost 128 KiB for each of thousands of service ports, so small
 * sets get a small one (2 KiB up to 10 backends). Growing from one size to the next moves almost all clients once;
 * therefore the sizes are few and far apart. The size is a function of the number of backends and not of the past, or
 * two nodes would disagree.
 */
final class MaglevTable {

    /** Primes just below powers of two, a factor of 16 apart: for 10, 163 and 2621 backends. */
    private static final int[] SIZES = {1021, 16_381, 262_139};

    private static final int ENTRIES_PER_BACKEND = 100;

    /** Entries are 16 bits wide. Kubernetes is far from such a Service; what is beyond is reached by no client. */
    private static final int MOST_BACKENDS = 1 << Character.SIZE;

    private static final long OFFSET_SEED = 0x6f66667365740000L;
    private static final long STRIDE_SEED = 0x7374726964650000L;

    private final List<Backend> backends; // sorted by what they are called
    private final char[] entries; // index of the backend that owns the slot

    MaglevTable(List<Backend> candidates) {
        this.backends = candidates.stream()
                .sorted(Comparator.comparing(MaglevTable::identity))
                .limit(MOST_BACKENDS)
                .toList();
        this.entries = new char[size(backends.size())];
        if (entries.length > 0) {
            fill();
        }
    }

    int size() {
        return entries.length;
    }

    Backend owner(int slot) {
        return backends.get(entries[slot]);
    }

    /** The same on every node, wherever the endpoint really listens. */
    private static SocketAddressSpec identity(Backend backend) {
        return backend.spec().declared();
    }

    private static int size(int backends) {
        if (backends < 2) {
            return 0; // nothing to look up
        }
        for (int size : SIZES) {
            if (size >= (long) backends * ENTRIES_PER_BACKEND) {
                return size;
            }
        }
        return SIZES[SIZES.length - 1];
    }

    /**
     * The backends claim slots in rounds, each the next free one of its own permutation of all slots. The heaviest
     * claims in every round, a lighter one in its share of the rounds, and all of them in the first, so that nobody is
     * left without.
     */
    private void fill() {
        int[] weights = backends.stream().mapToInt(Backend::weight).toArray();
        int heaviest = Arrays.stream(weights).max().orElseThrow();
        Permutation[] preferences = backends.stream()
                .map(backend -> new Permutation(backend, entries.length))
                .toArray(Permutation[]::new);
        boolean[] taken = new boolean[entries.length];
        long[] dues = new long[weights.length];
        int free = entries.length;
        for (long round = 1; ; round++) {
            for (int i = 0; i < weights.length; i++) {
                if (round * weights[i] < dues[i]) {
                    continue;
                }
                dues[i] += heaviest;
                int slot = preferences[i].nextFree(taken);
                taken[slot] = true;
                entries[slot] = (char) i;
                if (--free == 0) {
                    return;
                }
            }
        }
    }

    /** All slots in an order of the backend's own: since the size is prime, any stride visits each of them. */
    private static final class Permutation {
        private final int size;
        private final int stride;
        private int next;

        Permutation(Backend backend, int size) {
            this.size = size;
            this.next = AddressHash.slot(AddressHash.of(identity(backend), OFFSET_SEED), size);
            this.stride = 1 + AddressHash.slot(AddressHash.of(identity(backend), STRIDE_SEED), size - 1);
        }

        int nextFree(boolean[] taken) {
            int slot = next;
            while (taken[slot]) {
                slot = (slot + stride) % size;
            }
            next = (slot + stride) % size;
            return slot;
        }
    }
}
