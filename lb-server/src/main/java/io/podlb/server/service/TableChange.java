package io.podlb.server.service;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What differs from the table in force. Whoever knows that hands it over instead of a whole {@link ServiceTable}, and
 * pays for the difference alone.
 *
 * @param version as of a table
 * @param put service ports that are new or different, each once
 * @param removed service ports that are gone; names that are not served are passed over
 */
public record TableChange(long version, List<ServicePortSpec> put, Set<ServicePortName> removed) {

    public TableChange {
        put = List.copyOf(put);
        removed = Set.copyOf(removed);
        Set<ServicePortName> seen = new HashSet<>();
        for (ServicePortSpec spec : put) {
            if (!seen.add(spec.name())) {
                throw new IllegalArgumentException("put: " + spec.name() + " twice (expected: once)");
            }
            if (removed.contains(spec.name())) {
                throw new IllegalArgumentException(spec.name() + " is put and removed (expected: one of them)");
            }
        }
    }

    /** From the names that are served to a whole table. */
    public static TableChange to(ServiceTable table, Collection<ServicePortName> served) {
        Set<ServicePortName> gone = new HashSet<>(served);
        gone.removeAll(table.ports().keySet());
        return new TableChange(table.version(), List.copyOf(table.ports().values()), gone);
    }
}
