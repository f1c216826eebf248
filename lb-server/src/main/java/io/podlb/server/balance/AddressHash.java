package io.podlb.server.balance;

import io.podlb.server.service.SocketAddressSpec;
import java.net.InetAddress;

/**
 * Hashes of addresses to 64 bits that are the same in every process, on every node and in every version: where a client
 * is sent hangs on them. Changing one of the numbers here moves all clients of all services with the policy
 * {@code maglev}.
 */
final class AddressHash {

    private AddressHash() {}

    /** Hash of the bytes of an address; names and scopes do not count. */
    static long of(InetAddress address, long seed) {
        byte[] bytes = address.getAddress();
        long hash = SplitMix64.mix(seed + bytes.length * SplitMix64.GAMMA);
        long word = 0;
        for (int i = 0; i < bytes.length; i++) {
            word = word << 8 | bytes[i] & 0xff;
            if (i % 8 == 7 || i == bytes.length - 1) {
                hash = SplitMix64.mix(hash + SplitMix64.GAMMA ^ word);
                word = 0;
            }
        }
        return hash;
    }

    /** Hash of address and port. */
    static long of(SocketAddressSpec address, long seed) {
        return SplitMix64.mix(of(address.address(), seed) + SplitMix64.GAMMA ^ address.port());
    }

    /** Maps a hash onto 0 to {@code size - 1}. */
    static int slot(long hash, int size) {
        return (int) Long.remainderUnsigned(hash, size);
    }
}
