package io.podlb.control.simulate;

import java.net.InetAddress;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A Pod that podlb plays itself.
 *
 * @param address an address of its own in 127/8
 * @param ports TCP ports that it listens on
 * @param udpPorts UDP ports that it listens on
 */
public record SimulatedPod(
        String namespace, String name, InetAddress address, SortedSet<Integer> ports, SortedSet<Integer> udpPorts) {

    public SimulatedPod {
        ports = Collections.unmodifiableSortedSet(new TreeSet<>(ports));
        udpPorts = Collections.unmodifiableSortedSet(new TreeSet<>(udpPorts));
    }
}
