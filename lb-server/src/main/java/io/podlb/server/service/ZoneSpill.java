package io.podlb.server.service;

/**
 * How much load a zone may take for itself where hints keep traffic in zones; the rest goes to zones that have less
 * than the mean.
 *
 * @param loadFactor most load of an endpoint in hundredths of the mean, if each zone sends as much as any other; 0:
 *     hints are kept to whatever the load (kube-semantics 4.6)
 */
public record ZoneSpill(int loadFactor) {

    public static final int MIN_FACTOR = 100;
    public static final int MAX_FACTOR = 10_000;

    public static final ZoneSpill OFF = new ZoneSpill(0);

    public ZoneSpill {
        if (loadFactor != 0 && (loadFactor < MIN_FACTOR || loadFactor > MAX_FACTOR)) {
            throw new IllegalArgumentException(
                    "loadFactor: " + loadFactor + " (expected: 0, or " + MIN_FACTOR + " to " + MAX_FACTOR + ")");
        }
    }

    public boolean isOn() {
        return loadFactor > 0;
    }
}
