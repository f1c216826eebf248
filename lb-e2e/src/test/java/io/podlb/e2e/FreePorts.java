package io.podlb.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ports of 127.0.0.1 where nobody listens, below those that the kernel hands out itself (to a client, or to a listener
 * on port 0), so nobody else comes upon them. None is given twice.
 */
final class FreePorts {

    private static final AtomicInteger next = new AtomicInteger(25_000);

    private FreePorts() {}

    static int next() {
        while (true) {
            try (ServerSocket free = new ServerSocket(next.getAndIncrement(), 1, InetAddress.getByName("127.0.0.1"))) {
                return free.getLocalPort();
            } catch (BindException taken) {
                // The next one, then.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
