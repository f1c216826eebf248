package io.podlb.server.listener;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** How many connections the descriptor limit of this process allows. */
public final class DescriptorLimit {

    /** What the JVM, the event loops, the listeners of a usual table and the admin endpoint need. */
    private static final int RESERVED = 256;

    /** Two sockets a connection. */
    private static final int PER_CONNECTION = 2;

    private DescriptorLimit() {}

    /** The limit of this process, as the JVM sees it; a large number where the system has none. */
    public static long ofThisProcess() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Integer.MAX_VALUE;
    }

    /** Connections for which that many descriptors are enough, at least 1. */
    public static int connections(long descriptors) {
        long reserved = Math.min(RESERVED, descriptors / 4);
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, (descriptors - reserved) / PER_CONNECTION));
    }

    /** UDP flows, of one socket each, that leave three quarters of the descriptors to everything else; at least 1. */
    public static int flows(long descriptors) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, descriptors / 4));
    }
}
