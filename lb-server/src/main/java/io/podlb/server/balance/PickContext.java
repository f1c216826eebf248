package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a policy may know of the connection that it picks for. Confined to the event loop of that connection; while the
 * connection waits for a place, to whoever holds the lock of that line.
 */
public final class PickContext {

    private final InetAddress client;
    private List<Backend> tried = List.of();
    private Set<Backend> full = Set.of();

    public PickContext(InetAddress client) {
        this.client = client;
    }

    /** Address of the client, without port: the key of affinity and hashing (kube-semantics 8.2). */
    public InetAddress client() {
        return client;
    }

    /** Marks a backend that this connection failed to reach. */
    public void exclude(Backend backend) {
        if (tried.isEmpty()) {
            tried = new ArrayList<>(2);
        }
        tried.add(backend);
    }

    /** Whether this connection failed to reach it, of which there are at most a few, or it is full. */
    public boolean excludes(Backend backend) {
        return !tried.isEmpty() && tried.contains(backend) || !full.isEmpty() && full.contains(backend);
    }

    /** Whether every candidate is left for this connection. */
    boolean excludesNone() {
        return tried.isEmpty() && full.isEmpty();
    }

    /** How many backends were tried and failed. */
    public int tries() {
        return tried.size();
    }

    /** Leaves out one that is full, for this pick; false if it is left out already. */
    boolean passOver(Backend backend) {
        if (full.isEmpty()) {
            full = new HashSet<>();
        }
        return full.add(backend);
    }

    void passOverNone() {
        full = Set.of();
    }

    /** Whether the last pick had to pass over some that were full. */
    public boolean metFull() {
        return !full.isEmpty();
    }
}
