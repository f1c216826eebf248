package io.podlb.e2e;

import java.util.stream.Stream;

/**
 * A Pod of a lab with two nodes.
 *
 * @param name what it answers with
 * @param node 1 or 2
 * @param number the last part of its addresses, 11 to 99
 */
record Pod(String name, int node, int number) {

    String ipv4() {
        return "10.244." + node + "." + number;
    }

    String ipv6() {
        return "fd00:244:" + node + "::" + number;
    }

    String nodeName() {
        return "node" + node;
    }

    Endpoint ready() {
        return new Endpoint(this, nodeName(), true, true, false);
    }

    /** On its way out and still serving. */
    Endpoint terminating() {
        return new Endpoint(this, nodeName(), false, true, true);
    }

    /** On its way out and no longer serving, says the slice; so it must not be asked. */
    Endpoint dying() {
        return new Endpoint(this, nodeName(), false, false, true);
    }

    Endpoint unready() {
        return new Endpoint(this, nodeName(), false, false, false);
    }

    /** A Pod as an entry of a slice. */
    record Endpoint(Pod pod, String nodeName, boolean ready, boolean serving, boolean terminating) {

        /** The same, said to be on another node than the one whose network it is in. */
        Endpoint on(String otherNode) {
            return new Endpoint(pod, otherNode, ready, serving, terminating);
        }

        String yaml(String addressType) {
            return "{addresses: [\"%s\"], conditions: {ready: %s, serving: %s, terminating: %s}, nodeName: %s}"
                    .formatted(
                            addressType.equals("IPv4") ? pod.ipv4() : pod.ipv6(),
                            ready,
                            serving,
                            terminating,
                            nodeName);
        }
    }

    static String[] names(Pod... pods) {
        return Stream.of(pods).map(Pod::name).toArray(String[]::new);
    }
}
