package io.podlb.control.source;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How far what is known of a cluster can be trusted.
 *
 * @param complete whether all initial lists have arrived (kube-semantics 1.11); never false again once it was true
 * @param stale whether changes may have been missed for longer than a renewal of a watch takes; the last state is
 *     served on (1.12)
 * @param staleSince since when; null if it is not stale
 * @param detail what is missing and the last error, one line; empty if nothing is
 */
public record SourceStatus(
        boolean complete, boolean stale, @Nullable Instant staleSince, String detail) {}
