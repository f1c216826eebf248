package io.podlb.control;

import io.podlb.control.address.Placement;
import io.podlb.control.cluster.ServiceKey;
import io.podlb.server.LoadBalancer;
import io.podlb.server.service.TableChange;
import java.util.Collection;
import java.util.concurrent.ExecutionException;

/** Brings what a table says into force, by differences. Control thread only. */
final class HandOver {

    private final LoadBalancer server;
    private final boolean shadow;
    private long version;
    private boolean unsure = true; // whether the latest one may not have come about

    /**
     * Of nothing so far.
     *
     * @param server gets its tables from nobody else
     * @param shadow whether it is to get none at all
     */
    HandOver(LoadBalancer server, boolean shadow) {
        this.server = server;
        this.shadow = shadow;
    }

    /** Whether nothing is handed over. */
    boolean isShadow() {
        return shadow;
    }

    /**
     * Hands over what has changed, and waits until it is in force; the whole table where it is not known what the data
     * plane has.
     *
     * @param keys the Services that may have changed
     */
    void hand(NodeTable table, Collection<ServiceKey> keys, Placement placement)
            throws InterruptedException, ExecutionException {
        TableChange change = table.change(version + 1, keys, placement);
        boolean whole = unsure;
        if (shadow || !whole && change.put().isEmpty() && change.removed().isEmpty()) {
            return;
        }
        unsure = true;
        (whole ? server.apply(table.whole(version + 1)) : server.apply(change))
                .toCompletableFuture()
                .get();
        unsure = false;
        version++;
    }
}
