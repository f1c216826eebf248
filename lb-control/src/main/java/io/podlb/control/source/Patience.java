package io.podlb.control.source;

import java.time.Duration;

/**
 * For how long a source waits before it believes that something is wrong.
 *
 * @param gap how long a watch may be interrupted before what is known counts as stale; watches are renewed every five
 *     to ten minutes and after every broken connection, which takes a second or two
 * @param silence how long an open watch may say nothing, bookmarks included, before it is taken for dead; API servers
 *     send a bookmark about once a minute
 * @param look between two looks for silent watches
 */
public record Patience(Duration gap, Duration silence, Duration look) {

    /** 10 seconds, 3 minutes, 5 seconds. */
    public static final Patience DEFAULT =
            new Patience(Duration.ofSeconds(10), Duration.ofMinutes(3), Duration.ofSeconds(5));
}
