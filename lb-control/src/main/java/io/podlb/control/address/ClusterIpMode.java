package io.podlb.control.address;

import java.util.Locale;

/** How the cluster IP of a Service becomes an address that this machine can listen on. */
public enum ClusterIpMode {
    /** The cluster IP itself; needs the any-address route of {@link LocalRoute}. */
    BIND,
    /** An address of 127/8 that keeps the low 24 bits, see {@link LoopbackMapping}. IPv6 is served as by {@link #PORT}. */
    LOOPBACK,
    /** A high port of its own on 127.0.0.1 or [::1]; works on every system and needs no privilege. */
    PORT;

    /** The spelling on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return label();
    }
}
