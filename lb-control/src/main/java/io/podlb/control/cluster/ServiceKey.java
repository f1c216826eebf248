package io.podlb.control.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** The identity of a Service. Slices point to theirs with it (kube-semantics 1.8). */
public record ServiceKey(String namespace, String name) implements Comparable<ServiceKey> {

    /** The key under which this very object is known. */
    public static ServiceKey of(HasMetadata object) {
        return new ServiceKey(
                object.getMetadata().getNamespace(), object.getMetadata().getName());
    }

    @Override
    public int compareTo(ServiceKey other) {
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
