package io.podlb.control.access;

import io.podlb.server.relay.RelayView;
import java.time.Instant;

/**
 * What is logged of one connection or UDP flow; immutable.
 *
 * @param time of its end
 * @param view as of that moment
 */
record AccessEntry(Instant time, RelayView view) {}
