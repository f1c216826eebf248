package io.podlb.control.translate;

import io.podlb.server.service.Protocol;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one port of a Service does.
 *
 * @param name port name, may be empty
 * @param port what the Service listens on
 * @param targetPort what the Pods listen on: a number or a port name
 * @param nodePort what every node opens; null if there is none
 * @param families one entry per family in which the Service exists, its primary family first
 */
public record PortPlan(
        String name,
        Protocol protocol,
        int port,
        String targetPort,
        @Nullable Integer nodePort,
        List<FamilyPlan> families) {

    public PortPlan {
        families = List.copyOf(families);
    }
}
