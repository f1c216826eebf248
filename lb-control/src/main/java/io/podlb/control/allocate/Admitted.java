package io.podlb.control.allocate;

import io.fabric8.kubernetes.api.model.Service;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import java.util.List;

/**
 * The outcome of an admission.
 *
 * @param services those to be served, in the order read, complete as if read back from an API server
 * @param problems those of Services first, in the order read
 * @param held for the next admission
 */
public record Admitted(List<Sourced<Service>> services, List<Problem> problems, Held held) {

    public Admitted {
        services = List.copyOf(services);
        problems = List.copyOf(problems);
    }
}
