package io.podlb.server.service;

/**
 * Identity of a service port in one family (kube-semantics 2.1, 2.3): every running thing belongs to exactly one.
 *
 * @param namespace namespace of the Service
 * @param service name of the Service
 * @param port name of the port, empty for a single unnamed one
 * @param protocol protocol of the port
 * @param family family of the view
 */
public record ServicePortName(String namespace, String service, String port, Protocol protocol, IpFamily family)
        implements Comparable<ServicePortName> {

    @Override
    public int compareTo(ServicePortName other) {
        int order = namespace.compareTo(other.namespace);
        order = order != 0 ? order : service.compareTo(other.service);
        order = order != 0 ? order : port.compareTo(other.port);
        order = order != 0 ? order : protocol.compareTo(other.protocol);
        return order != 0 ? order : family.compareTo(other.family);
    }

    /** {@code namespace/service:port}, with protocol and family only where they are not TCP and IPv4. For logs. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(namespace).append('/').append(service);
        if (!port.isEmpty()) {
            text.append(':').append(port);
        }
        if (protocol != Protocol.TCP) {
            text.append('/').append(protocol);
        }
        if (family != IpFamily.IPV4) {
            text.append('/').append(family.kubernetesName());
        }
        return text.toString();
    }
}
