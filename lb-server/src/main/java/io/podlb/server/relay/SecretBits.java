package io.podlb.server.relay;

import java.security.SecureRandom;

/**
 * Numbers that nobody can foresee. They are drawn in blocks, since each call of the system's generator takes a lock and
 * longer than relaying a datagram.
 *
 * <p>Thread rule: one event loop.
 */
final class SecretBits {

    private final SecureRandom random;
    private final byte[] block = new byte[1024];
    private int used = block.length;

    SecretBits(SecureRandom random) {
        this.random = random;
    }

    /** From 0 to 65 535. */
    int next16() {
        return next8() << 8 | next8();
    }

    /** From 0 to 255. */
    int next8() {
        if (used == block.length) {
            random.nextBytes(block);
            used = 0;
        }
        return block[used++] & 0xff;
    }
}
