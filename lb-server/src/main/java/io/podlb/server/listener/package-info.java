/**
 * Taking connections: binding, admission, address claims, closing a listener that has nothing to offer.
 *
 * <p>Listeners are made, opened and closed on the control thread; what they accept is handed to {@code relay} on an
 * event loop. May use everything but the top.
 */
@NullMarked
package io.podlb.server.listener;

import org.jspecify.annotations.NullMarked;
