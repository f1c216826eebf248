package io.podlb.server.service;

/** Which address backends see as that of their client. */
public enum ClientAddress {
    /** That of podlb. */
    OFF,
    /**
     * That of the client, if answers to it come back through this machine; the kernel chooses the port. Connections for
     * which podlb may not use it fail; those to which it makes no sense have podlb's: the backend is of another family,
     * or has that very address; or one of the two is of loopback and the other is not; or the client's is link-local.
     */
    TRANSPARENT
}
