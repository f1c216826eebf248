package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.Sourced;
import java.util.Map;

/**
 * What the last admission gave to each Service: the memory that keeps addresses where they are while manifests are
 * edited. A value; pass that of one {@link Admitted} to the next admission.
 */
public final class Held {

    /** Of a fresh start. */
    public static final Held NOTHING = new Held(Map.of());

    private final Map<String, Sourced<Service>> services;

    /** By namespace/name. */
    Held(Map<String, Sourced<Service>> services) {
        this.services = Map.copyOf(services);
    }

    Map<String, Sourced<Service>> services() {
        return services;
    }
}
