package io.podlb.control.report;

import io.podlb.control.cluster.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * Something about a Service that an operator has to know.
 *
 * @param uid of the Service's object, so that an Event is not shown with a later Service of that name; null: not known
 * @param reason one word for programs
 * @param note one line for people
 */
public record Complaint(ServiceKey service, @Nullable String uid, String reason, String note) {

    /** An address of the Service cannot be listened on. */
    public static final String FAILED_TO_BIND = "FailedToBind";

    /** Its health check node port cannot be opened; kube-proxy's word (kube-semantics 11.7). */
    public static final String FAILED_HEALTH_CHECK = "FailedToStartServiceHealthcheck";

    /** The object, or a part of it, says what cannot be served. */
    public static final String NOT_SERVED = "NotServed";
}
