package io.podlb.server.service;

/** Transport protocol of a service port. Part of its identity: the same number may be served for each of them. */
public enum Protocol {
    TCP,
    UDP,
    SCTP
}
