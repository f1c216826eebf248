package io.podlb.control.address;

import java.util.List;

/**
 * Consecutive port numbers, both ends included.
 *
 * @param first 1 to 65535
 * @param last {@code first} to 65535
 */
public record PortRange(int first, int last) {

    /** What Linux uses for outgoing connections unless told otherwise. */
    public static final PortRange EPHEMERAL = new PortRange(32768, 60999);

    private static final List<PortRange> HIGH =
            List.of(new PortRange(20000, 27999), new PortRange(12000, 19999), new PortRange(2000, 9999));

    public PortRange {
        if (first < 1 || last > 65535 || last < first) {
            throw new IllegalArgumentException(
                    "port range: " + first + "-" + last + " (expected: like 30000-32767, from 1 to 65535)");
        }
    }

    /**
     * Ports for what has none of its own here, away from those that are used otherwise.
     *
     * @throws IllegalArgumentException with one line, if all candidates overlap with one of them
     */
    public static PortRange highPorts(PortRange nodePorts, PortRange ephemeral) {
        return HIGH.stream()
                .filter(range -> !range.overlaps(nodePorts) && !range.overlaps(ephemeral))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("--node-port-range: " + nodePorts
                        + " and the system's range for outgoing connections " + ephemeral + " leave none of " + HIGH
                        + " free; use a narrower range"));
    }

    public boolean overlaps(PortRange other) {
        return first <= other.last && other.first <= last;
    }

    /** {@code 30000-32767}. */
    @Override
    public String toString() {
        return first + "-" + last;
    }
}
