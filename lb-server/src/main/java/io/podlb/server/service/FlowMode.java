package io.podlb.server.service;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which datagrams of UDP stay with one backend. */
public enum FlowMode {
    /** All that come from one client address and port, as kube-proxy has it. */
    PER_CLIENT("per-client"),
    /**
     * Each DNS request is balanced on its own; requests to a backend share a few sockets. What is no DNS request is
     * treated {@link #PER_CLIENT}.
     */
    PER_DATAGRAM("per-datagram");

    private final String label;

    FlowMode(String label) {
        this.label = label;
    }

    /** The spelling used in annotations and JSON: {@code per-client}. */
    public String label() {
        return label;
    }

    /** All spellings. */
    public static List<String> labels() {
        return Arrays.stream(values()).map(FlowMode::label).toList();
    }

    /** The mode that is spelled so; null if none is. */
    public static @Nullable FlowMode labelled(String label) {
        return Arrays.stream(values())
                .filter(mode -> mode.label.equals(label))
                .findFirst()
                .orElse(null);
    }
}
