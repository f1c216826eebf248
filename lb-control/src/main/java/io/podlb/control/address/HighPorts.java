package io.podlb.control.address;

import io.podlb.control.allocate.PortRange;
import java.util.List;

/** Chooses the ports for cluster IPs that have no address of their own here. */
public final class HighPorts {

    /** What Linux uses for outgoing connections unless told otherwise. */
    public static final PortRange EPHEMERAL = new PortRange(32768, 60999);

    private static final List<PortRange> CANDIDATES =
            List.of(new PortRange(20000, 27999), new PortRange(12000, 19999), new PortRange(2000, 9999));

    private HighPorts() {}

    /**
     * A range away from those that are used otherwise.
     *
     * @param ephemeral what the system uses for outgoing connections
     * @throws IllegalArgumentException with one line, if all candidates overlap with one of them
     */
    public static PortRange choose(PortRange nodePorts, PortRange ephemeral) {
        return CANDIDATES.stream()
                .filter(range -> !overlap(range, nodePorts) && !overlap(range, ephemeral))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--node-port-range: " + nodePorts
                        + " and the system's range for outgoing connections " + ephemeral + " leave none of "
                        + CANDIDATES + " free; use a narrower range"));
    }

    private static boolean overlap(PortRange one, PortRange other) {
        return one.first() <= other.last() && other.first() <= one.last();
    }
}
