package io.podlb.server.transport;

import java.util.function.Consumer;

/** What a listening socket accepts. Told on its event loop. */
public interface Acceptance {

    /** A connection that no event loop has yet. */
    @FunctionalInterface
    interface Accepted {

        /**
         * Gives it to an event loop, once.
         *
         * @param then called on that event loop, unless it shuts down meanwhile
         */
        void moveTo(LoopSockets loop, Consumer<RelaySocket> then);
    }

    void accepted(Accepted connection);

    /** A connection could not be accepted. The listening socket goes on, unless it is paused. */
    void failed(Throwable cause);
}
