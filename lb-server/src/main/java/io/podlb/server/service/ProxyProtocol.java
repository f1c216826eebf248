package io.podlb.server.service;

/**
 * Whether the ends of a client's connection are told by headers of the PROXY protocol (haproxy.org, versions 1 and 2).
 * TCP only.
 *
 * @param send which header a backend is sent before the stream of its client
 * @param required whether connections are taken from trusted proxies alone, which say whom they speak for
 */
public record ProxyProtocol(Send send, boolean required) {

    /** No headers: a backend sees podlb as its client, and clients are those who connect. */
    public static final ProxyProtocol OFF = new ProxyProtocol(Send.OFF, false);

    /** Which header. */
    public enum Send {
        /** None. */
        OFF,
        /** One line of text. */
        V1,
        /** Binary, with the number of the connection and the name of the Service. */
        V2
    }

    public ProxyProtocol withSend(Send value) {
        return new ProxyProtocol(value, required);
    }

    public ProxyProtocol withRequired(boolean value) {
        return new ProxyProtocol(send, value);
    }
}
