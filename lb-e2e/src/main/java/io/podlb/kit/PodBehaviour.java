package io.podlb.kit;

import io.netty.channel.ChannelHandler;
import io.podlb.control.simulate.SimulatedPod;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What embedded Pods do with connections and datagrams; made by {@link Pods}. Immutable. */
public final class PodBehaviour {

    private final @Nullable Function<SimulatedPod, ChannelHandler> streams;
    private final @Nullable SocketHandler handler;
    private final @Nullable Function<SimulatedPod, ChannelHandler> datagrams;
    private final @Nullable InetSocketAddress external;

    private PodBehaviour(
            @Nullable Function<SimulatedPod, ChannelHandler> streams,
            @Nullable SocketHandler handler,
            @Nullable Function<SimulatedPod, ChannelHandler> datagrams,
            @Nullable InetSocketAddress external) {
        this.streams = streams;
        this.handler = handler;
        this.datagrams = datagrams;
        this.external = external;
    }

    static PodBehaviour played(
            Function<SimulatedPod, ChannelHandler> streams, Function<SimulatedPod, ChannelHandler> datagrams) {
        return new PodBehaviour(streams, null, datagrams, null);
    }

    static PodBehaviour handled(SocketHandler handler, Function<SimulatedPod, ChannelHandler> datagrams) {
        return new PodBehaviour(null, handler, datagrams, null);
    }

    static PodBehaviour elsewhere(InetSocketAddress address) {
        return new PodBehaviour(null, null, null, address);
    }

    /** What serves a connection; null if a {@link #handler} does, or nobody here. */
    @Nullable
    Function<SimulatedPod, ChannelHandler> streams() {
        return streams;
    }

    @Nullable
    SocketHandler handler() {
        return handler;
    }

    /** What serves a UDP port; null if nobody here does. */
    @Nullable
    Function<SimulatedPod, ChannelHandler> datagrams() {
        return datagrams;
    }

    /** Where all ports of the Pod really are; null if it is played here. */
    @Nullable
    InetSocketAddress external() {
        return external;
    }
}
