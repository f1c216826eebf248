package io.podlb.server.limit;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * How many connections each client has. A client without one is not remembered, so there are never more entries than
 * open connections, whose number the process bounds, and a forged address, which opens none, makes no entry. May be used
 * by any thread.
 */
final class ClientConnections {

    private final ConcurrentMap<Long, Integer> open = new ConcurrentHashMap<>();

    /**
     * Counts one more.
     *
     * @param most that the client may have
     * @return whether it was counted; then {@link #leave} follows
     */
    boolean enter(long client, int most) {
        while (true) {
            Integer now = open.get(client);
            if (now == null) {
                if (open.putIfAbsent(client, 1) == null) {
                    return true;
                }
            } else if (now >= most) {
                return false;
            } else if (open.replace(client, now, now + 1)) {
                return true;
            }
        }
    }

    /** One has ended. */
    void leave(long client) {
        open.computeIfPresent(client, (key, now) -> now == 1 ? null : now - 1);
    }

    /** Clients that have a connection. */
    int size() {
        return open.size();
    }
}
