package io.podlb.server.balance;

import io.podlb.server.backend.Backend;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What a policy may know of the connection that it picks for. Confined to the event loop of that connection.
 */
public final class PickContext {

    private final InetAddress client;
    private List<Backend> tried = List.of();

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

    /** Whether this connection failed to reach it. A scan, since there are at most a few. */
    public boolean excludes(Backend backend) {
        return !tried.isEmpty() && tried.contains(backend);
    }

    /** How many backends were tried and failed. */
    public int tries() {
        return tried.size();
    }
}
