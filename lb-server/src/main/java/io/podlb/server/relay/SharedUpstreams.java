package io.podlb.server.relay;

import io.podlb.server.backend.Backend;
import io.podlb.server.metrics.FlowMetrics;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The shared sockets of one event loop: a few for each backend that requests were sent to lately. A request takes one of
 * them by lot, so that who sends forged answers has to guess which.
 *
 * <p>Thread rule: its event loop.
 */
final class SharedUpstreams {

    /** Sockets for one backend. */
    static final int PER_BACKEND = 4;

    /** How long a socket takes requests at most; the idle timeout of flows if that is less. */
    private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final UdpLoop loop;
    private final SecretBits secrets;
    private final Map<Backend, @Nullable SharedUpstream[]> sockets = new HashMap<>();

    SharedUpstreams(UdpLoop loop, SecretBits secrets) {
        this.loop = loop;
        this.secrets = secrets;
    }

    SecretBits secrets() {
        return secrets;
    }

    /**
     * A socket to the backend that takes another request.
     *
     * @param metrics of the service port that the backend belongs to
     * @throws io.netty.channel.ChannelException if there is no descriptor left
     */
    SharedUpstream of(Backend backend, FlowMetrics metrics) {
        @Nullable
        SharedUpstream[] few = sockets.computeIfAbsent(backend, any -> new @Nullable SharedUpstream[PER_BACKEND]);
        int lot = secrets.next8() % PER_BACKEND;
        SharedUpstream known = few[lot];
        if (known != null && known.isOpen()) {
            return known;
        }
        if (known != null) {
            known.retire(); // full
        }
        SharedUpstream fresh = new SharedUpstream(this, loop, backend, metrics);
        few[lot] = fresh;
        loop.wheel().schedule(fresh, Math.min(LIFE_NANOS, loop.idleNanos()));
        return fresh;
    }

    /** No request is to get this one any more. */
    void forget(SharedUpstream gone) {
        @Nullable SharedUpstream[] few = sockets.get(gone.backend());
        if (few == null) {
            return;
        }
        boolean any = false;
        for (int i = 0; i < few.length; i++) {
            if (few[i] == gone) {
                few[i] = null;
            }
            any |= few[i] != null;
        }
        if (!any) {
            sockets.remove(gone.backend());
        }
    }
}
