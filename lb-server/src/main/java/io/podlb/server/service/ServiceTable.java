package io.podlb.server.service;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that is to be served, as of one moment.
 *
 * @param version counts up with each table of one source; for logs and metrics
 * @param ports every service port by its name
 */
public record ServiceTable(long version, Map<ServicePortName, ServicePortSpec> ports) {

    public static final ServiceTable EMPTY = new ServiceTable(0, Map.of());

    public ServiceTable {
        ports = Map.copyOf(ports);
    }

    /** A table of these specs, each under its own name. */
    public static ServiceTable of(long version, List<ServicePortSpec> specs) {
        Map<ServicePortName, ServicePortSpec> ports = new HashMap<>();
        for (ServicePortSpec spec : specs) {
            if (ports.put(spec.name(), spec) != null) {
                throw new IllegalArgumentException("specs: " + spec.name() + " twice (expected: once)");
            }
        }
        return new ServiceTable(version, ports);
    }
}
