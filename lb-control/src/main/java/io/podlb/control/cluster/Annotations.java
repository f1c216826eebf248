package io.podlb.control.cluster;

/** The annotations under {@code podlb.io/}. One that is not listed here is a problem that people are told of. */
public final class Annotations {

    public static final String PREFIX = "podlb.io/";

    /** On a Service: name of its balancing policy. */
    public static final String POLICY = PREFIX + "policy";
    /** On a Service: {@code per-client}, the default, or {@code per-datagram}, which balances each DNS request. */
    public static final String UDP_FLOWS = PREFIX + "udp-flows";
    /** On a Service: how long a UDP flow may go without a datagram, like {@code 30s}. */
    public static final String UDP_IDLE_TIMEOUT = PREFIX + "udp-idle-timeout";
    // What a Service asks for beyond Kubernetes is listed in the table of translate.TrafficSetting.

    /** On a Pod, or on an EndpointSlice for all of its endpoints: weight from 1 to 1000. */
    public static final String WEIGHT = PREFIX + "weight";
    /** On a Service, or on a Pod for its endpoint alone: what goes wrong on purpose, like {@code refuse; connections=3}. */
    public static final String FAULT = PREFIX + "fault";
    /** On a Pod of a manifest: its address where {@code status.podIP} says nothing. */
    public static final String POD_IP = PREFIX + "pod-ip";

    private Annotations() {}
}
