package io.podlb.server.relay;

import io.podlb.server.service.ClientAddress;
import io.podlb.server.service.IpFamily;
import io.podlb.server.service.ServicePortName;
import io.podlb.server.transport.SourceException;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From which address the backends of one front end are connected to. May be used by any thread.
 *
 * <p>Where podlb may not use the address of a client it uses no other one either: a backend may decide by it.
 */
final class ClientSource {

    private static final Logger logger = LoggerFactory.getLogger(ClientSource.class);

    private final ServicePortName port;
    private final LinePerMinute pace = new LinePerMinute();

    ClientSource(ServicePortName port) {
        this.port = port;
    }

    /** The address to connect from; null: the kernel chooses one of this machine. */
    static @Nullable InetAddress of(ClientAddress rule, InetAddress client, InetAddress backend) {
        boolean usable = rule == ClientAddress.TRANSPARENT
                && IpFamily.of(client) == IpFamily.of(backend)
                && !client.equals(backend) // a Pod takes no packet from its own address
                && client.isLoopbackAddress() == backend.isLoopbackAddress() // no packet goes between these
                && !client.isAnyLocalAddress() // was gone before its address was read
                && !client.isLinkLocalAddress();
        return usable ? client : null;
    }

    /** One more connection failed for this. */
    void unusable(SourceException cause, long nanoTime) {
        long count = pace.count(nanoTime);
        if (count > 0) {
            logger.error(
                    "{}: {} connections failed since the last such line, since backends are to see the client's address and"
                            + " {}; or turn podlb.io/preserve-client-address off",
                    port,
                    count,
                    cause.getMessage());
        }
    }
}
