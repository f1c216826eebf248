package io.podlb.server.relay;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has ended on one event loop: each is told to the observer, and the latest are remembered for the admin endpoint.
 *
 * <p>Thread rule: that event loop.
 *
 * @param <V> the view of a connection or of a UDP flow
 */
final class Ended<V> {

    /** How many each loop remembers. */
    static final int REMEMBERED = 256;

    private static final Logger logger = LoggerFactory.getLogger(Ended.class);

    private final Consumer<V> observer;
    private final Deque<V> latest = new ArrayDeque<>(REMEMBERED);

    Ended(Consumer<V> observer) {
        this.observer = observer;
    }

    void add(V view) {
        if (latest.size() == REMEMBERED) {
            latest.removeFirst();
        }
        latest.addLast(view);
        try {
            observer.accept(view);
        } catch (Throwable e) {
            // Whoever looks on is no part of the connection, whose sockets are still to be closed.
            logger.error("the observer of connections failed at {}", view, e);
        }
    }

    /** The latest, oldest first. */
    Collection<V> latest() {
        return latest;
    }
}
