package io.podlb.kit;

import io.podlb.control.simulate.PodAnswers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * What Pods of a lab can do. Over UDP each of them answers a datagram with the name of the Pod in one line and what it
 * got behind that, but for {@link #echo} and {@link #external}.
 */
public final class Pods {

    private Pods() {}

    /**
     * As the Pods of {@code lb demo} do: an HTTP request is answered with the name of the Pod, everything else with the
     * name in one line and an echo. This is what Pods do unless another behaviour was chosen.
     */
    public static PodBehaviour standard() {
        return PodBehaviour.played(PodAnswers::detected, PodAnswers::datagrams);
    }

    /** Sends back what it gets and nothing else, over TCP until the client ends its stream. */
    public static PodBehaviour echo() {
        return PodBehaviour.played(pod -> PodAnswers.echo(), pod -> PodAnswers.datagramEcho());
    }

    /** Says the name of the Pod in one line and ends its stream, without waiting for anything. */
    public static PodBehaviour identify() {
        return PodBehaviour.played(Identify::new, PodAnswers::datagrams);
    }

    /**
     * HTTP/1.1 with keep-alive: each request is answered with 200, the name of the Pod in one line as the body and in
     * {@code X-Pod-Name}, and the request's target in {@code X-Request-Target}.
     */
    public static PodBehaviour http() {
        return PodBehaviour.played(PodAnswers::http, PodAnswers::datagrams);
    }

    /** Whatever the handler does. */
    public static PodBehaviour handler(SocketHandler handler) {
        return PodBehaviour.handled(handler, PodAnswers::datagrams);
    }

    /**
     * Not played here but somewhere else, in a container for example: each port of the Pod is that one.
     *
     * @throws IllegalArgumentException if the host has no address
     */
    public static PodBehaviour external(String host, int port) {
        try {
            return PodBehaviour.elsewhere(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("host: " + host + " has no address", e);
        }
    }
}
