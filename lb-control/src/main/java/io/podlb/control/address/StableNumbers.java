package io.podlb.control.address;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;

/**
 * Numbers of a range given to names: the one that the name hashes to or, if that is taken, the next free one. A name
 * keeps its number as long as it is listed, whatever comes and goes beside it, and the same names get the same numbers
 * after a restart. Not thread-safe: one owner.
 */
public final class StableNumbers {

    private final int first;
    private final int size;
    private final Map<String, Integer> given = new HashMap<>();

    /** Numbers from {@code first} to {@code last}, both included. */
    public StableNumbers(int first, int last) {
        if (last < first) {
            throw new IllegalArgumentException("last: " + last + " (expected: at least " + first + ")");
        }
        this.first = first;
        this.size = last - first + 1;
    }

    /** The numbers of these names. A name is missing only if more are listed than there are numbers. */
    public Map<String, Integer> assign(Set<String> names) {
        given.keySet().retainAll(names);
        BitSet taken = new BitSet(size);
        given.values().forEach(number -> taken.set(number - first));
        // In order of name, so that it does not matter in which order a manifest lists what collides.
        for (String name : new TreeSet<>(names)) {
            if (!given.containsKey(name) && taken.cardinality() < size) {
                int slot = taken.nextClearBit(hash(name));
                slot = slot < size ? slot : taken.nextClearBit(0);
                taken.set(slot);
                given.put(name, first + slot);
            }
        }
        return Map.copyOf(given);
    }

    private int hash(String name) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % size);
    }
}
