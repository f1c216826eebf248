package io.podlb.server.service;

import java.net.Inet4Address;
import java.net.InetAddress;

/** Address family. The two families of a dual-stack Service are independent in everything (kube-semantics 21.4). */
public enum IpFamily {
    IPV4("IPv4"),
    IPV6("IPv6");

    private final String kubernetesName;

    IpFamily(String kubernetesName) {
        this.kubernetesName = kubernetesName;
    }

    /** The spelling of the Kubernetes API: {@code IPv4} or {@code IPv6}. */
    public String kubernetesName() {
        return kubernetesName;
    }

    public static IpFamily of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }
}
