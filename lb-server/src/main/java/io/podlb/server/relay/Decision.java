package io.podlb.server.relay;

import io.podlb.server.service.EndReason;
import io.podlb.server.service.EndpointSet;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a client, decided by its address.
 *
 * @param denied why it is turned away; null: it is not
 * @param set what it is offered if it is not turned away
 */
public record Decision(@Nullable EndReason denied, EndpointSet set) {

    /** Decides about clients whose address shows late. */
    public interface Rule {

        /** What becomes of the client of that address. On the event loop of its connection. */
        Decision of(InetAddress client);
    }

    public static Decision offer(EndpointSet set) {
        return new Decision(null, set);
    }

    public static Decision deny(EndReason reason) {
        return new Decision(reason, EndpointSet.CLUSTER);
    }
}
