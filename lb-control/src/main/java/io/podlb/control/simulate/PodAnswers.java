package io.podlb.control.simulate;

import io.netty.channel.ChannelHandler;

/**
 * What Pods that are played say, as handlers of Netty, one for each connection or UDP socket. They close connections as
 * they answer; listening and the ends of processes are for whoever plays the Pod.
 */
public final class PodAnswers {

    private PodAnswers() {}

    /** HTTP or, where the first bytes are none of HTTP, the name of the Pod in one line and then an echo. */
    public static ChannelHandler detected(SimulatedPod pod) {
        return new PodHandler(pod);
    }

    /** Whatever is sent, until the client ends its stream. */
    public static ChannelHandler echo() {
        return new PodEcho("");
    }

    /** Each HTTP request with the name of the Pod. */
    public static ChannelHandler http(SimulatedPod pod) {
        return PodHandler.http(pod);
    }

    /** Each datagram with the name of the Pod in one line and what came behind that. */
    public static ChannelHandler datagrams(SimulatedPod pod) {
        return new PodDatagrams(pod.name() + "\n");
    }

    /** Each datagram with what came. */
    public static ChannelHandler datagramEcho() {
        return new PodDatagrams("");
    }
}
