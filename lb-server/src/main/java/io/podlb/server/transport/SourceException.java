package io.podlb.server.transport;

import java.io.IOException;

/** This process cannot connect from an address that is not its own. The message says why, and what to do. */
public final class SourceException extends IOException {

    private static final long serialVersionUID = 1;

    SourceException(String message) {
        super(message);
    }

    SourceException(String message, Throwable cause) {
        super(message, cause);
    }
}
